-- A request to add two numbers; the figures in one line at the end.
wrk.method = "POST"
wrk.headers["Content-Type"] = "text/xml; charset=utf-8"
wrk.headers["SOAPAction"] = '"http://example.org/calc/Add"'
wrk.body = '<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>' ..
  '<c:Add xmlns:c="http://example.org/calc"><c:a>1.5</c:a><c:b>2.25</c:b></c:Add></e:Body></e:Envelope>'

function done(summary, latency)
  local errors = summary.errors
  print(string.format("figures: requests %d connect %d read %d write %d status %d timeout %d per_second %.0f p99_us %d",
    summary.requests, errors.connect, errors.read, errors.write, errors.status, errors.timeout,
    summary.requests / summary.duration * 1e6, latency:percentile(99)))
end

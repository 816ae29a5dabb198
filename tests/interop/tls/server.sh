# curl and openssl against our server, for tls.sh.

namespace=http://example.org/calc

# envelope VERSION: an Add of 1.5 and 2.25.
envelope() {
    local uri=http://schemas.xmlsoap.org/soap/envelope/
    [ "$1" = 11 ] || uri=http://www.w3.org/2003/05/soap-envelope
    printf '<e:Envelope xmlns:e="%s"><e:Body><Add xmlns="%s"><a>1.5</a><b>2.25</b></Add></e:Body></e:Envelope>' "$uri" "$namespace"
}

# post VERSION URL OPTIONS…: the status and the answer, or what curl says.
post() {
    local type=(-H 'Content-Type: text/xml; charset=utf-8' -H "SOAPAction: \"$namespace/Add\"")
    [ "$1" = 11 ] || type=(-H "Content-Type: application/soap+xml; charset=utf-8; action=\"$namespace/Add\"")
    curl -sS -m 8 -w '\n%{http_code} over HTTP/%{http_version}\n' "${type[@]}" --data-binary "$(envelope "$1")" "${@:3}" "$2" 2>&1 | tr '\n' ' '
}

# from_curl NAME PATTERN VERSION URL OPTIONS…
from_curl() {
    judge "curl: $1" "$2" "$(post "${@:3}")"
}

# hello URL OPTIONS…: a handshake by openssl, ended at once.
hello() {
    timeout 20 openssl s_client -connect "127.0.0.1:$(port_of "$1")" -CAfile "$ca" -verify_return_error "${@:2}"
}

# The refusal goes out with the next bytes of the server, which are its close_notify when the time for a first byte is over: 10 s,
# in which the rest is checked.
hello "$good_tcp" -tls1_2 > "$folder/renegotiation" 2>&1 < <(echo R; exec sleep 15) &
renegotiation=$!

renegotiated() {
    wait $renegotiation || true
    judge "openssl: renegotiation" "no renegotiation" "$(cat "$folder/renegotiation")"
}

me=(--cert "$folder/client.pem" --key "$folder/client.key")
strange=(--cert "$folder/strange.pem" --key "$folder/strange.key")
sum='AddResult>3.75<.*200 over HTTP/1.1'
from_curl "SOAP 1.1" "$sum" 11 "$good_http" --cacert "$ca"
from_curl "SOAP 1.2" "$sum" 12 "$good_http" --cacert "$ca"
from_curl "TLS 1.2" "$sum" 12 "$good_http" --cacert "$ca" --tls-max 1.2
from_curl "HTTP/2 is offered too" "$sum" 11 "$good_http" --cacert "$ca" --http2
from_curl "a name" "$sum" 11 "${good_http/127.0.0.1/localhost}" --cacert "$ca" --ipv4
from_curl "unknown root" "curl: \(60\).*unable to get local issuer certificate" 11 "$good_http"
from_curl "expired" "curl: \(60\).*certificate has expired" 11 "$expired_http" --cacert "$ca"
from_curl "wrong name" "curl: \(60\).*no alternative certificate subject name" 11 "$wrong_http" --cacert "$ca"
from_curl "client certificate" "$sum" 11 "$demands_http" --cacert "$ca" "${me[@]}"
from_curl "client certificate, TLS 1.2" "$sum" 11 "$demands_http" --cacert "$ca" "${me[@]}" --tls-max 1.2
from_curl "client certificate not asked for" "$sum" 11 "$expired_http" -k "${me[@]}"
from_curl "no client certificate" "alert certificate required" 11 "$demands_http" --cacert "$ca"
from_curl "no client certificate, TLS 1.2" "alert (certificate required|handshake failure)" 11 "$demands_http" --cacert "$ca" --tls-max 1.2
from_curl "client certificate of a stranger" "alert unknown ca" 11 "$demands_http" --cacert "$ca" "${strange[@]}"
from_curl "https where http is spoken" "wrong version number" 11 "${plain_http/http:/https:}" --cacert "$ca"
from_curl "http where https is spoken" "curl: \((1|52|56)\)" 11 "${good_http/https:/http:}"

# A certificate that is replaced on the disk is shown after SIGHUP, by the same process.
cp "$folder/expired.pem" "$folder/renewed.pem"
cp "$folder/expired.key" "$folder/renewed.key"
cat > "$folder/renewed.toml" << END
[server]
bind = ["https://127.0.0.1:0/calc", "soap.tls://127.0.0.1:0"]
tls.certificate = "renewed.pem"
tls.key = "renewed.key"
END
serve 2 renewed --config "$folder/renewed.toml"
from_curl "before it is renewed" "certificate has expired" 11 "$renewed_http" --cacert "$ca"
cp "$folder/good.pem" "$folder/renewed.pem"
cp "$folder/good.key" "$folder/renewed.key"
kill -HUP "${running[-1]}"
for _ in $(seq 100); do
    if grep -q "^certificates" "$folder/renewed.log"; then break; fi
    sleep 0.1
done
judge "SIGHUP is told" "^certificates reloaded" "$(cat "$folder/renewed.log")"
from_curl "renewed" "$sum" 11 "$renewed_http" --cacert "$ca"

old=(-tls1_1 -cipher DEFAULT@SECLEVEL=0)
for scheme in http tcp; do
    url=good_$scheme
    url=${!url}
    name="openssl: ${url%%:*}"
    expect "$name TLS 1.3" "Protocol version: TLSv1.3" hello "$url" -brief -tls1_3
    expect "$name TLS 1.2" "Protocol version: TLSv1.2" hello "$url" -brief -tls1_2
    expect "$name TLS 1.1" "alert (protocol version|handshake failure)" hello "$url" "${old[@]}"
    expect "$name resumption" "Reused, TLSv1.2" hello "$url" -tls1_2 -reconnect
done
expect "openssl: https agrees on http/1.1" "ALPN protocol: http/1.1" hello "$good_http" -alpn h2,http/1.1
expect "openssl: h2 alone is refused" "alert no application protocol" hello "$good_http" -alpn h2
expect "openssl: soap.tls agrees on nothing" "No ALPN negotiated" hello "$good_tcp" -alpn h2
# exchange OPTIONS…: two envelopes on one connection of soap.tls, the second after the first is answered; then its end.
exchange() {
    local part count pid
    coproc CLIENT { openssl s_client -quiet -no_ign_eof -connect "127.0.0.1:$(port_of "$good_tcp")" -CAfile "$ca" -verify_return_error "$@" 2>&1; }
    pid=$CLIENT_PID
    exec 3<&"${CLIENT[0]}" 4>&"${CLIENT[1]}" {CLIENT[1]}>&-
    for count in 1 2; do
        envelope 1$count >&4
        while IFS= read -r -t 5 -d '>' part <&3; do
            printf '%s>' "$part" | tr '\n' ' '
            [[ $part != *:Envelope && $part != *Envelope ]] || [[ $part != *'</'* ]] || break
        done
    done
    exec 4>&-
    cat <&3
    wait "$pid" && echo " ended"
}

for version in -tls1_3 -tls1_2; do
    judge "openssl: soap.tls two envelopes ${version#-}" "3.75.*3.75.* ended" "$(exchange $version | tr '\n' ' ')"
done

# Our client against nginx in front of http and stunnel in front of soap.tcp, for tls.sh.

# site NUMBER CERTIFICATE LINES…: a server of nginx on port + NUMBER.
site() {
    cat << END
    server {
        listen 127.0.0.1:$((port + $1)) ssl;
        ssl_certificate $folder/$2.pem;
        ssl_certificate_key $folder/$2.key;
        ${*:3}
        location / { proxy_pass http://127.0.0.1:$(port_of "$plain_http"); }
    }
END
}

nginx_sites() {
    site 0 good
    site 1 rsa "ssl_protocols TLSv1.2;"
    site 2 chain "ssl_protocols TLSv1.3;"
    site 3 expired
    site 4 wrong
    site 5 leaf
    site 6 stranger
    site 7 good "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;"
    site 8 good "ssl_verify_client on; ssl_client_certificate $ca;"
    site 9 good "ssl_reject_handshake on;"
}

start_nginx() {
    {
        echo "daemon off; master_process off; pid $folder/nginx.pid; error_log stderr;"
        echo "events { worker_connections 64; }"
        echo "http { access_log off;"
        for kind in client_body proxy fastcgi uwsgi scgi; do echo "    ${kind}_temp_path $folder/nginx-$kind;"; done
        nginx_sites
        echo "}"
    } > "$folder/nginx.conf"
    launch nginx nginx -p "$folder" -e stderr -c "$folder/nginx.conf"
}

# tunnel NUMBER CERTIFICATE LINES…: a service of stunnel on port + NUMBER.
tunnel() {
    printf '%s\n' "[s$1]" "accept = 127.0.0.1:$((port + $1))" "connect = 127.0.0.1:$(port_of "$plain_tcp")" \
        "cert = $folder/$2.pem" "key = $folder/$2.key" "${@:3}"
}

start_stunnel() {
    {
        printf '%s\n' "foreground = yes" "pid =" "debug = 5"
        tunnel 0 good
        tunnel 1 rsa "sslVersionMax = TLSv1.2"
        tunnel 2 chain "sslVersionMin = TLSv1.3"
        tunnel 3 expired
        tunnel 4 wrong
        tunnel 5 leaf
        tunnel 6 stranger
        tunnel 7 good "sslVersionMin = TLSv1.1" "sslVersionMax = TLSv1.1" "ciphers = DEFAULT@SECLEVEL=0"
        tunnel 8 good "CAfile = $ca" "verifyChain = yes" "requireCert = yes"
        tunnel 9 good "CAfile = $ca" "verifyChain = yes" "requireCert = yes" "sslVersionMax = TLSv1.2"
    } > "$folder/stunnel.conf"
    launch stunnel stunnel4 "$folder/stunnel.conf"
}

# told NAME WORDS URL OPTIONS…: the words are what a call says.
told() {
    expect "$1" "Add FAIL .*$2" ours "$3" 11 "${@:4}"
}

# status NAME WORDS URL OPTIONS…: nginx says it by HTTP, in a page that the error keeps.
status() {
    expect "$1" "status 400 with text/html instead of a SOAP message.*$2|$2.*status 400 with text/html" ours "$3" 11 "${@:4}"
}

trust=(--roots "$ca")
me=(--identity "$folder/client.pem" "$folder/client.key")
strange=(--identity "$folder/strange.pem" "$folder/strange.key")

# mistakes NAME: what both servers do wrong in the same way. at NUMBER is the URL of a service.
mistakes() {
    local host
    for host in 127.0.0.1 localhost; do
        passes "$1: $host" 7 ours "$(at 0 $host)" 11 "${trust[@]}"
    done
    passes "$1: SOAP 1.2 on TLS 1.2, RSA" 7 ours "$(at 1)" 12 "${trust[@]}"
    passes "$1: SOAP 1.2 on TLS 1.3, a chain" 7 ours "$(at 2)" 12 "${trust[@]}"
    told "$1: expired" "the certificate of 127.0.0.1 expired on 2021-02-03T04:05:06Z \(now it is" "$(at 3)" "${trust[@]}"
    told "$1: wrong name" "the certificate of 127.0.0.1 is not for that name but for other.example" "$(at 4)" "${trust[@]}"
    told "$1: chain without its middle" "not among the roots.*or let the server send its whole chain" "$(at 5)" "${trust[@]}"
    told "$1: unknown root" "is signed by an authority that is not among the roots" "$(at 0)" --roots "$folder/stranger.pem"
    told "$1: unknown to the platform" "is signed by an authority that is not among the roots" "$(at 0)"
    told "$1: an authority as a server" "is that of an authority, as .openssl req -x509. makes them" "$(at 6)" --roots "$folder/stranger.pem"
    told "$1: TLS 1.1" "speaks no version of TLS that is allowed here, which is TLS 1.2 and newer" "$(at 7)" "${trust[@]}"
    passes "$1: client certificate" 7 ours "$(at 8)" 11 "${trust[@]}" "${me[@]}"
}

at() { echo "https://${2:-127.0.0.1}:$((port + $1))/calc"; }
on_free_ports 10 start_nginx
mistakes nginx
status "nginx: no client certificate" "No required SSL certificate was sent" "$(at 8)" "${trust[@]}"
status "nginx: client certificate of a stranger" "The SSL certificate error" "$(at 8)" "${trust[@]}" "${strange[@]}"
told "nginx: unknown name" "127.0.0.1 is no name that the server knows" "$(at 9)" "${trust[@]}"
plain_to_tls=$(at 0)
status "nginx: http where https is spoken" "plain HTTP request was sent to HTTPS port" "${plain_to_tls/https:/http:}"
told "http where https is asked for" "does not speak TLS on this port" "${plain_http/http:/https:}" "${trust[@]}"

at() { echo "soap.tls://${2:-127.0.0.1}:$((port + $1))/calc"; }
on_free_ports 10 start_stunnel
mistakes stunnel
passes "stunnel: client certificate on TLS 1.2" 7 ours "$(at 9)" 11 "${trust[@]}" "${me[@]}"
demanded="demands a client certificate"
told "stunnel: no client certificate" "$demanded" "$(at 8)" "${trust[@]}"
told "stunnel: no client certificate on TLS 1.2" "$demanded" "$(at 9)" "${trust[@]}"
told "stunnel: client certificate of a stranger" "refused our client certificate: its authority is none" "$(at 8)" "${trust[@]}" "${strange[@]}"
told "soap.tcp where soap.tls is asked for" "TLS" "${plain_tcp/soap.tcp:/soap.tls:}" "${trust[@]}"

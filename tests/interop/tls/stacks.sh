# Other SOAP stacks on both sides of TLS, for tls.sh.

build=$PEERS_BUILD
wsdl=$peers/calc.wsdl

start_spyne() {
    launch spyne "$build/venv/bin/python" "$peers/spyne/server.py" "$port"
}

start_node() {
    launch node env NODE_PATH="$build/node/node_modules" node "$peers/node/server.js" "$port"
}

start_gsoap() {
    launch gsoap "$build/gsoap/server" tcp "$port"
}

# The tunnel from plain streams to our soap.tls, and the one to gSOAP.
start_stunnel() {
    cat > "$folder/stunnel.conf" << END
foreground = yes
pid =
debug = 5
[to_us]
client = yes
accept = 127.0.0.1:$port
connect = 127.0.0.1:$(port_of "$good_tcp")
CAfile = $ca
verifyChain = yes
checkIP = 127.0.0.1
cert = $folder/client.pem
key = $folder/client.key
[to_gsoap]
accept = 127.0.0.1:$((port + 1))
connect = 127.0.0.1:$gsoap
cert = $folder/chain.pem
key = $folder/chain.key
END
    launch stunnel stunnel4 "$folder/stunnel.conf"
}

start_nginx() {
    cat > "$folder/nginx.conf" << END
daemon off; master_process off; pid $folder/nginx.pid; error_log stderr;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path $folder/nginx-body; proxy_temp_path $folder/nginx-proxy; fastcgi_temp_path $folder/nginx-fastcgi;
    uwsgi_temp_path $folder/nginx-uwsgi; scgi_temp_path $folder/nginx-scgi;
    server {
        listen 127.0.0.1:$port ssl;
        ssl_certificate $folder/chain.pem;
        ssl_certificate_key $folder/chain.key;
        location /spyne/ { proxy_pass http://127.0.0.1:$spyne/; }
        location /node/ { proxy_pass http://127.0.0.1:$node/; }
    }
}
END
    launch nginx nginx -p "$folder" -e stderr -c "$folder/nginx.conf"
}

export REQUESTS_CA_BUNDLE=$ca NODE_EXTRA_CA_CERTS=$ca NODE_PATH=$build/node/node_modules
for version in 11 12; do
    passes "zeep $version: https" 7 timeout 30 "$build/venv/bin/python" "$peers/zeep/client.py" "$good_http" $version "$wsdl"
    # JavaScript holds decimals in a double: one of the echoes is not the same.
    passes "node $version: https" 6 timeout 30 node "$peers/node/client.js" "$good_http" $version "$wsdl"
done
untrusted='Add FAIL .*certificate verify failed'
expect "zeep: unknown root" "$untrusted" env REQUESTS_CA_BUNDLE="$folder/stranger.pem" \
    "$build/venv/bin/python" "$peers/zeep/client.py" "$good_http" 11 "$wsdl"

on_free_ports 1 start_spyne
spyne=$port
on_free_ports 1 start_node
node=$port
on_free_ports 1 start_gsoap
gsoap=$port
on_free_ports 1 start_nginx
at=https://127.0.0.1:$port
passes "spyne 11 behind nginx" 7 ours "$at/spyne/calc" 11 --roots "$ca"
# Its typed fault of SOAP 1.2 is an error of its own.
passes "spyne 12 behind nginx" 6 ours "$at/spyne/calc12" 12 --roots "$ca"
passes "node 11 behind nginx" 6 ours "$at/node/calc" 11 --roots "$ca"
passes "node 12 behind nginx" 6 ours "$at/node/calc12" 12 --roots "$ca"
on_free_ports 2 start_stunnel
for version in 11 12; do
    passes "gSOAP $version behind stunnel" 7 ours "soap.tls://127.0.0.1:$((port + 1))/calc" $version --roots "$ca"
    passes "gSOAP $version: soap.tls by stunnel" 7 timeout 30 "$build/gsoap/client" "soap.tcp://127.0.0.1:$port/calc" $version
    passes "SOAP::Lite $version: soap.tls by stunnel" 7 timeout 30 perl "$peers/perl/client.pl" "tcp://127.0.0.1:$port" $version
done

# An authority with good and bad certificates, for tls.sh.

# issue AUTHORITY NAME EXTENSIONS ALGORITHM [DATES…]: NAME.pem and NAME.key, signed by AUTHORITY.pem.
issue() {
    openssl req -new -newkey "$4" -pkeyopt "$(key_option "$4")" -nodes -keyout "$2.key" -out "$2.csr" -subj "/CN=$2"
    local dates=(-days 30)
    [ $# = 4 ] || dates=("${@:5}")
    openssl ca -batch -config ca.conf -cert "$1.pem" -keyfile "$1.key" -extensions "$3" "${dates[@]}" -in "$2.csr" -out "$2.pem" -notext
}

key_option() {
    case $1 in
        rsa) echo rsa_keygen_bits:2048 ;;
        ec) echo ec_paramgen_curve:P-256 ;;
    esac
}

# root NAME: an authority, which signed itself.
root() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" -subj "/CN=$1" -days 30 \
        -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign
}

write_configuration() {
    cat > ca.conf << END
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
unique_subject = no
rand_serial = yes
email_in_dn = no
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[server]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1
[elsewhere]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:other.example
[client]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = clientAuth
END
}

# certificates FOLDER
certificates() {
    local long_ago=(-startdate 20200101000000Z -enddate 20210203040506Z)
    (
        set -e
        cd "$1"
        write_configuration
        : > index.txt
        root ca
        root stranger
        issue ca good server ec
        issue ca rsa server rsa
        issue ca expired server ec "${long_ago[@]}"
        issue ca wrong elsewhere ec
        issue ca intermediate authority ec
        issue intermediate leaf server rsa
        cat leaf.pem intermediate.pem > chain.pem
        cp leaf.key chain.key
        issue ca client client rsa
        issue stranger strange client ec
    ) > "$1/certificates.log" 2>&1 || {
        cat "$1/certificates.log" >&2
        exit 1
    }
}

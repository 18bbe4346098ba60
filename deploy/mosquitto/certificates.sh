#!/bin/sh
# Certificates for a broker and its devices: a certificate authority (CA) of one's own in one folder.
#
#   certificates.sh FOLDER ca                     make the CA: ca.crt, ca.key and an empty list of the revoked, crl.pem
#   certificates.sh FOLDER server HOST [HOST…]    for the broker: server.crt, server.key; HOST as clients name it
#   certificates.sh FOLDER client NAME            for a device (NAME is its device id) or a service: NAME.crt, NAME.key
#   certificates.sh FOLDER revoke NAME            NAME is not let in any more, once the broker has the new crl.pem
#
# Needs OpenSSL 3. ca.key can make anybody: keep the folder away from the broker and the devices.
set -eu
umask 077

CA_DAYS=3650
DAYS=1095  # three years; make a new one in time: `revoke`, then `client`

fail() {
    echo "certificates.sh: $1" >&2
    exit 64
}

[ $# -ge 2 ] || fail "give a folder and ca, server, client or revoke; the first lines of this file tell more."
folder=$1
action=$2
shift 2

# A name with + # or / would be a wildcard or a level of its own in the broker's rules.
check_name() {
    case $1 in
        '' | *[!A-Za-z0-9_.-]*) fail "'$1' cannot be a name: use letters, digits, '_', '.' and '-'." ;;
        ca | server) fail "'$1' is the name of a file of the CA: choose another." ;;
    esac
    [ ${#1} -le 64 ] || fail "'$1' is too long for a name: 64 letters at most."
}

need_ca() {
    [ -f "$folder/ca.key" ] || fail "there is no CA in $folder: make one with $0 $folder ca"
}

need_new() {
    [ ! -e "$folder/$1.crt" ] || fail "$folder/$1.crt is there already: revoke it first, or move it away."
}

# The CA's book-keeping, for `openssl ca`.
authority() {
    FOLDER=$folder openssl ca -batch -config "$folder/ca.cnf" "$@" 2>"$folder/openssl.log" || {
        cat "$folder/openssl.log" >&2
        exit 1
    }
}

make_ca() {
    mkdir -p "$folder/issued"
    need_new ca
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days "$CA_DAYS" -subj "/CN=edge-emotion CA" \
        -addext "basicConstraints=critical,CA:true,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -keyout "$folder/ca.key" -out "$folder/ca.crt" 2>/dev/null
    : >"$folder/index.txt"
    cat >"$folder/ca.cnf" <<END
[ca]
default_ca = own
[own]
dir = \$ENV::FOLDER
database = \$dir/index.txt
new_certs_dir = \$dir/issued
certificate = \$dir/ca.crt
private_key = \$dir/ca.key
rand_serial = yes
unique_subject = no
default_md = sha256
default_days = $DAYS
default_crl_days = $CA_DAYS
policy = name
[name]
commonName = supplied
END
    authority -gencrl -out "$folder/crl.pem"
    chmod 644 "$folder/ca.crt" "$folder/crl.pem"
}

# issue FILE COMMON-NAME USAGE [ALTERNATIVE NAMES]: a device's certificate cannot pose as a broker, nor the reverse.
issue() {
    need_new "$1"
    {
        echo "basicConstraints = critical,CA:false"
        echo "keyUsage = critical,digitalSignature"
        echo "extendedKeyUsage = $3"
        [ -z "${4:-}" ] || echo "subjectAltName = $4"
    } >"$folder/extensions.cnf"
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=$2" \
        -keyout "$folder/$1.key" -out "$folder/request.pem" 2>/dev/null
    authority -notext -extfile "$folder/extensions.cnf" -in "$folder/request.pem" -out "$folder/$1.crt"
    rm "$folder/request.pem" "$folder/extensions.cnf"
    chmod 644 "$folder/$1.crt"
}

make_server() {
    [ $# -ge 1 ] || fail "name the broker as clients will: $0 $folder server broker.local 192.168.1.10"
    names=
    for host in "$@"; do
        case $host in
            '' | *[!A-Za-z0-9.:-]*) fail "'$host' is neither a host name nor an address." ;;
            *:*) kind=IP ;;
            *[!0-9.]*) kind=DNS ;;
            *) kind=IP ;;
        esac
        names=${names:+$names,}$kind:$host
    done
    issue server "$1" serverAuth "$names"
}

revoke() {
    [ -f "$folder/$1.crt" ] || fail "there is no $folder/$1.crt to revoke."
    authority -revoke "$folder/$1.crt"
    authority -gencrl -out "$folder/crl.pem"
    chmod 644 "$folder/crl.pem"
    rm "$folder/$1.crt" "$folder/$1.key"
}

case $action in
    ca) make_ca ;;
    server)
        need_ca
        make_server "$@"
        ;;
    client | revoke)
        need_ca
        [ $# -eq 1 ] || fail "$action takes one name."
        check_name "$1"
        if [ "$action" = client ]; then issue "$1" "$1" clientAuth; else revoke "$1"; fi
        ;;
    *) fail "'$action' is none of ca, server, client and revoke." ;;
esac

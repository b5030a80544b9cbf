#!/usr/bin/env bash
# MaxMind's Java reader answers an IPv6 address from a file that holds IPv4 networks only.
#
# Software:  com.maxmind.db:maxmind-db 4.1.0 (Maven Central); libmaxminddb 1.7.1 and its mmdblookup (Debian 12);
#            the file geo-whois-asn-country-ipv4.mmdb of @ip-location-db/geo-whois-asn-country-mmdb 2.3.2026061719 (npm).
# Behaviour: the file's metadata says ip_version 4 and its tree is 32 bits deep. Reader.getRecord walks it with the first
#            32 bits of the IPv6 address and returns what it meets, without an error: 2001:db8::1 gets the record of
#            32.1.13.184 (0x20010db8 is that address). The network that comes with it is an IPv6 address with a prefix
#            length that was counted in the IPv4 tree, so that it looks like an allocation.
#            libmaxminddb refuses the same address on the same file.
# Seen:      Java, IPv4 file, 32.1.13.184:  US, 32.0.0.0/11
#            Java, IPv4 file, 2001:db8::1:  US, 2000:0:0:0:0:0:0:0/11
#            Java, IPv6 file, 2001:db8::1:  JP, 2001:db8:0:0:0:0:0:0/32 (the file gives that documentation prefix a country)
#            C,    IPv4 file, 32.1.13.184:  US
#            C,    IPv4 file, 2001:db8::1:  exit 4, "... look up an IPv6 address in an IPv4-only database"
# Matters:   whoever gives a log reader the IPv4 file alone puts its IPv6 clients into countries at random, and two
#            clients of one provider an ocean apart. Nothing tells, unless the caller asks the metadata first.
#
# Needs: Debian 12 (apt-get, dpkg-deb), npm, mvn, Java 17 or later. Nothing is installed; 12 MB are fetched.
set -euo pipefail

work=$(mktemp -d /var/tmp/finding-mmdb-XXXXXX)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "CHANGED: $*" >&2
    exit 1
}

apt-get download -qq -o APT::Sandbox::User=root mmdb-bin=1.7.1-1 libmaxminddb0=1.7.1-1
for package in *.deb; do dpkg-deb -x "$package" debian; done
npm pack --silent @ip-location-db/geo-whois-asn-country-mmdb@2.3.2026061719 >/dev/null
tar xzf ./*.tgz
mvn -B -q -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact=com.maxmind.db:maxmind-db:4.1.0 -DoutputDirectory="$work/jars" >/dev/null

cat > Look.java <<'JAVA'
import com.maxmind.db.Reader;
import java.io.File;
import java.net.InetAddress;
import java.util.Map;

class Look {
    public static void main(String[] args) throws Exception {
        try (Reader reader = new Reader(new File(args[0]))) {
            var found = reader.getRecord(InetAddress.getByName(args[1]), Map.class);
            System.out.println("ip_version " + reader.getMetadata().ipVersion() + ", "
                    + (found.data() == null ? "no record" : found.data().get("country_code")) + ", " + found.network());
        }
    }
}
JAVA

java_reader() { java -cp "$work/jars/*" Look.java "package/geo-whois-asn-country-$1.mmdb" "$2"; }
c_reader() {
    LD_LIBRARY_PATH=$(dirname "$(find "$work/debian" -name 'libmaxminddb.so.0' | head -n 1)") \
        debian/usr/bin/mmdblookup --file "package/geo-whois-asn-country-$1.mmdb" --ip "$2" 2>&1
}

v4=$(java_reader ipv4 32.1.13.184)
v6=$(java_reader ipv4 2001:db8::1)
own=$(java_reader ipv6 2001:db8::1)
c_v4=$(c_reader ipv4 32.1.13.184) || fail "mmdblookup does not find 32.1.13.184: $c_v4"
c_status=0
c_v6=$(c_reader ipv4 2001:db8::1) || c_status=$?

echo "maxmind-db 4.1.0,    IPv4 file, 32.1.13.184: $v4"
echo "maxmind-db 4.1.0,    IPv4 file, 2001:db8::1: $v6"
echo "maxmind-db 4.1.0,    IPv6 file, 2001:db8::1: $own"
echo "libmaxminddb 1.7.1,  IPv4 file, 32.1.13.184:" $c_v4
echo "libmaxminddb 1.7.1,  IPv4 file, 2001:db8::1: exit $c_status," $c_v6

[ "$v4" = "ip_version 4, US, 32.0.0.0/11" ] || fail "the Java reader's answer for 32.1.13.184"
[ "$v6" = "ip_version 4, US, 2000:0:0:0:0:0:0:0/11" ] || fail "the Java reader's answer for 2001:db8::1 in the IPv4 file"
[ "$own" = "ip_version 6, JP, 2001:db8:0:0:0:0:0:0/32" ] || fail "the Java reader's answer for 2001:db8::1 in the IPv6 file"
[[ $c_v4 == *'"US"'* ]] || fail "libmaxminddb's answer for 32.1.13.184"
[ "$c_status" -eq 4 ] && [[ $c_v6 == *"IPv6 address in an IPv4-only database"* ]] || fail "libmaxminddb no longer refuses"
echo "As stated: the Java reader answers 2001:db8::1 as if it were 32.1.13.184; libmaxminddb refuses."

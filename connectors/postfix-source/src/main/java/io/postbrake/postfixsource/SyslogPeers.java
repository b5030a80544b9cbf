package io.postbrake.postfixsource;

import io.postbrake.subject.IpNetwork;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Which mail host a peer is: by the name in its certificate, or by its address, never by what it writes. A peer that is not
 * named is nobody; this machine is none by itself, since every local user can send from it.
 */
final class SyslogPeers {

    private record Network(IpNetwork addresses, String host) {}

    private static final int DNS_NAME = 2;

    private final Map<String, String> byName = new HashMap<>();
    private final List<Network> networks = new ArrayList<>();

    /**
     * Reads {@code ADDRESS=HOST}, {@code ADDRESS/BITS=HOST} and {@code cn:NAME=HOST}.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    SyslogPeers(List<String> entries) {
        for (String entry : entries) {
            int equals = entry.lastIndexOf('=');
            String peer = equals < 0 ? "" : entry.substring(0, equals).strip();
            String host = entry.substring(equals + 1).strip();
            if (peer.isEmpty() || host.isEmpty()) {
                throw new IllegalArgumentException("'" + entry + "': give ADDRESS=HOST or cn:NAME=HOST");
            }
            if (peer.startsWith("cn:")) {
                byName.put(peer.substring(3).toLowerCase(Locale.ROOT), host);
            } else {
                networks.add(network(peer, host));
            }
        }
        networks.sort((a, b) -> b.addresses().prefix() - a.addresses().prefix());
    }

    private static Network network(String peer, String host) {
        String[] parts = peer.split("/", 2);
        IpNetwork address = IpNetwork.parse(parts[0])
                .orElseThrow(() -> new IllegalArgumentException(
                        "'" + peer + "' is no address: give one such as 192.0.2.5 or 192.0.2.0/24"));
        try {
            int bits = parts.length == 1 ? address.prefix() : Integer.parseInt(parts[1]);
            if (bits >= 0 && bits <= address.prefix()) {
                return new Network(address.within(bits), host);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + peer + "' is no address or network", e);
        }
        throw new IllegalArgumentException("'" + peer + "' has no such number of bits");
    }

    boolean needsCertificates() {
        return !byName.isEmpty();
    }

    /** Host id of the peer with this address; null for nobody. */
    String host(InetAddress address) {
        IpNetwork one = IpNetwork.of(address.getAddress());
        for (Network network : networks) {
            if (network.addresses().contains(one)) {
                return network.host();
            }
        }
        return null;
    }

    /** Host id of the peer with this certificate, which was checked; null when it is not named by it. */
    String host(X509Certificate certificate) {
        return names(certificate).stream()
                .map(name -> byName.get(name.toLowerCase(Locale.ROOT)))
                .filter(host -> host != null)
                .findFirst()
                .orElse(null);
    }

    private static List<String> names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> others = certificate.getSubjectAlternativeNames();
            if (others != null) {
                others.stream()
                        .filter(n -> n.get(0).equals(DNS_NAME))
                        .forEach(n -> names.add(n.get(1).toString()));
            }
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    names.add(part.getValue().toString());
                }
            }
        } catch (CertificateParsingException | InvalidNameException e) {
            return List.of();
        }
        return names;
    }
}

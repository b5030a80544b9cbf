package io.postbrake.detection;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An address or a network of them, as a key.
 *
 * @param bytes of the address, those behind the prefix zero
 * @param prefix how many leading bits count
 */
record Cidr(List<Byte> bytes, int prefix) {
    private static final Pattern LITERAL =
            Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,3}");

    /** An address, or a network without bits behind its prefix; null for anything else. Never asks a name server. */
    static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        if (address.length() > 45 || !LITERAL.matcher(address).matches()) {
            return null;
        }
        byte[] raw;
        try {
            raw = InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            return null;
        }
        Byte[] bytes = new Byte[raw.length];
        for (int i = 0; i < raw.length; i++) {
            bytes[i] = raw[i];
        }
        Cidr whole = new Cidr(List.of(bytes), 8 * raw.length);
        if (slash < 0) {
            return whole;
        }
        String length = text.substring(slash + 1);
        if (!LENGTH.matcher(length).matches() || Integer.parseInt(length) > whole.prefix) {
            return null;
        }
        Cidr network = whole.within(Integer.parseInt(length));
        return network.bytes.equals(whole.bytes) ? network : null;
    }

    /** The network of this many bits that it lies in. */
    Cidr within(int bits) {
        Byte[] masked = new Byte[bytes.size()];
        for (int i = 0; i < masked.length; i++) {
            int keep = Math.max(0, Math.min(8, bits - 8 * i));
            masked[i] = (byte) (bytes.get(i) & (0xFF << (8 - keep)));
        }
        return new Cidr(List.of(masked), bits);
    }
}

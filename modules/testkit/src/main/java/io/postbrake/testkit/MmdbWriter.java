package io.postbrake.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes small MaxMind DB files, for try-outs and tests, with 32-bit records: an IPv6 tree with IPv4 below ::/96, or
 * one of IPv4 alone.
 *
 * <p>Format: https://maxmind.github.io/MaxMind-DB/, version 2.0.
 */
public final class MmdbWriter {

    private static final byte[] METADATA = {
        (byte) 0xAB, (byte) 0xCD, (byte) 0xEF, 'M', 'a', 'x', 'M', 'i', 'n', 'd', '.', 'c', 'o', 'm'
    };
    private static final int TYPE_STRING = 2;
    private static final int TYPE_DOUBLE = 3;
    private static final int TYPE_UINT32 = 6;
    private static final int TYPE_MAP = 7;
    private static final int TYPE_UINT64 = 9;
    private static final int TYPE_ARRAY = 11;
    private static final int TYPE_BOOLEAN = 14;
    private static final int SEPARATOR = 16;

    /** Children of a node: 0 is empty, a positive number a node, a negative one an entry. */
    private final List<int[]> nodes = new ArrayList<>();

    private final int addressLength;

    private MmdbWriter(int addressLength) {
        this.addressLength = addressLength;
        nodes.add(new int[2]);
    }

    /**
     * Writes {@code out}.
     *
     * @param entries maps of strings, numbers, truths and maps by network in CIDR notation; networks must not overlap
     * @throws IllegalArgumentException naming a network that is not in CIDR notation, or overlaps another one
     */
    public static void write(Path out, String databaseType, Map<String, Map<String, Object>> entries)
            throws IOException {
        Files.write(out, new MmdbWriter(16).bytes(databaseType, new TreeMap<>(entries)));
    }

    /** As {@link #write}, but a file that knows IPv4 only. */
    public static void writeIpv4(Path out, String databaseType, Map<String, Map<String, Object>> entries)
            throws IOException {
        Files.write(out, new MmdbWriter(4).bytes(databaseType, new TreeMap<>(entries)));
    }

    private byte[] bytes(String databaseType, Map<String, Map<String, Object>> entries) throws IOException {
        var data = new ByteArrayOutputStream();
        List<Integer> offsets = new ArrayList<>();
        for (Map.Entry<String, Map<String, Object>> entry : entries.entrySet()) {
            offsets.add(data.size());
            encode(data, entry.getValue());
            insert(entry.getKey(), -offsets.size());
        }
        var out = new ByteArrayOutputStream();
        for (int[] node : nodes) {
            for (int child : node) {
                int record = child > 0
                        ? child
                        : child == 0 ? nodes.size() : nodes.size() + SEPARATOR + offsets.get(-child - 1);
                out.writeBytes(ByteBuffer.allocate(4).putInt(record).array());
            }
        }
        out.writeBytes(new byte[SEPARATOR]);
        out.writeBytes(data.toByteArray());
        out.writeBytes(METADATA);
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("binary_format_major_version", 2);
        metadata.put("binary_format_minor_version", 0);
        metadata.put("build_epoch", 0L);
        metadata.put("database_type", databaseType);
        metadata.put("description", Map.of("en", "synthetic"));
        metadata.put("ip_version", addressLength == 4 ? 4 : 6);
        metadata.put("languages", List.of("en"));
        metadata.put("node_count", nodes.size());
        metadata.put("record_size", 32);
        encode(out, metadata);
        return out.toByteArray();
    }

    private void insert(String cidr, int entry) throws IOException {
        int slash = cidr.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("network '" + cidr + "': give ADDRESS/LENGTH");
        }
        byte[] address = InetAddress.getByName(cidr.substring(0, slash)).getAddress();
        int length = Integer.parseInt(cidr.substring(slash + 1));
        if (address.length > addressLength) {
            throw new IllegalArgumentException("network '" + cidr + "' is none of IPv4");
        }
        byte[] full = new byte[addressLength];
        System.arraycopy(address, 0, full, addressLength - address.length, address.length);
        int bits = length + (addressLength - address.length) * 8;
        int node = 0;
        for (int i = 0; i < bits; i++) {
            int bit = (full[i / 8] >> (7 - i % 8)) & 1;
            if (i == bits - 1) {
                if (nodes.get(node)[bit] != 0) {
                    throw new IllegalArgumentException("network '" + cidr + "' overlaps another one");
                }
                nodes.get(node)[bit] = entry;
            } else {
                int next = nodes.get(node)[bit];
                if (next < 0) {
                    throw new IllegalArgumentException("network '" + cidr + "' overlaps another one");
                }
                if (next == 0) {
                    nodes.add(new int[2]);
                    next = nodes.size() - 1;
                    nodes.get(node)[bit] = next;
                }
                node = next;
            }
        }
    }

    private static void encode(ByteArrayOutputStream out, Object value) {
        if (value instanceof String s) {
            byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
            control(out, TYPE_STRING, utf8.length);
            out.writeBytes(utf8);
        } else if (value instanceof Double d) {
            control(out, TYPE_DOUBLE, 8);
            out.writeBytes(ByteBuffer.allocate(8).putDouble(d).array());
        } else if (value instanceof Integer i) {
            control(out, TYPE_UINT32, 4);
            out.writeBytes(ByteBuffer.allocate(4).putInt(i).array());
        } else if (value instanceof Long l) {
            control(out, TYPE_UINT64, 8);
            out.writeBytes(ByteBuffer.allocate(8).putLong(l).array());
        } else if (value instanceof Boolean truth) {
            control(out, TYPE_BOOLEAN, truth ? 1 : 0);
        } else if (value instanceof Map<?, ?> map) {
            control(out, TYPE_MAP, map.size());
            map.forEach((k, v) -> {
                encode(out, String.valueOf(k));
                encode(out, v);
            });
        } else if (value instanceof List<?> list) {
            control(out, TYPE_ARRAY, list.size());
            list.forEach(v -> encode(out, v));
        } else {
            throw new IllegalArgumentException("a value of " + value + " cannot be written");
        }
    }

    private static void control(ByteArrayOutputStream out, int type, int size) {
        int bits = size < 29 ? size : size < 29 + 256 ? 29 : 30;
        out.write((type < 8 ? type << 5 : 0) | bits);
        if (type >= 8) {
            out.write(type - 7);
        }
        if (bits == 29) {
            out.write(size - 29);
        } else if (bits == 30) {
            out.write((size - 285) >> 8);
            out.write(size - 285);
        }
    }
}

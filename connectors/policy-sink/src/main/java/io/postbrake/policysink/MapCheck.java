package io.postbrake.policysink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.BitSet;
import java.util.Optional;

/**
 * Whether a file is a whole LMDB environment, found out by reading it and never by mapping it: LMDB trusts what it maps,
 * and a truncated or overwritten file would end the process. The layout is that of LMDB's data format version 1 on
 * 64-bit machines (lmdb.h and mdb.c of 0.9).
 */
final class MapCheck {

    private static final int MAGIC = 0xBEEFC0DE;
    private static final int VERSION = 1;
    private static final int HEADER = 16;
    private static final int NODE = 8;
    private static final int BRANCH = 0x01;
    private static final int LEAF = 0x02;
    private static final int OVERFLOW = 0x04;
    private static final int META = 0x08;
    private static final int BIG = 0x01;
    private static final int SMALLEST_PAGE = 512;
    private static final int LARGEST_PAGE = 65536;
    private static final int META_BYTES = 136;
    private static final int MAX_DEPTH = 32;
    private static final long NO_PAGE = -1L;

    private final FileChannel file;
    private final int pageSize;
    private final long lastPage;
    private final BitSet seen = new BitSet();

    private MapCheck(FileChannel file, int pageSize, long lastPage) {
        this.file = file;
        this.pageSize = pageSize;
        this.lastPage = lastPage;
    }

    /** What is wrong with the file; empty when every page that is in use can be read and says what it should. */
    static Optional<String> flaw(FileChannel file) throws IOException {
        try {
            check(file);
            return Optional.empty();
        } catch (Flaw e) {
            return Optional.of(e.getMessage());
        }
    }

    private static void check(FileChannel file) throws IOException, Flaw {
        if (file.size() == 0) {
            throw new Flaw("it is empty");
        }
        ByteBuffer first = meta(file, 0);
        int pageSize = first.getInt(HEADER + 24);
        if (pageSize < SMALLEST_PAGE || pageSize > LARGEST_PAGE || Integer.bitCount(pageSize) != 1) {
            throw new Flaw("its page size is " + pageSize);
        }
        ByteBuffer second = meta(file, pageSize);
        ByteBuffer newest =
                Long.compareUnsigned(first.getLong(HEADER + 128), second.getLong(HEADER + 128)) >= 0 ? first : second;
        long lastPage = newest.getLong(HEADER + 120);
        if (lastPage < 1 || lastPage > Integer.MAX_VALUE - 1 || file.size() < (lastPage + 1) * pageSize) {
            throw new Flaw("it ends before its page " + lastPage);
        }
        var check = new MapCheck(file, pageSize, lastPage);
        check.seen.set(0, 2);
        for (int db = 0; db < 2; db++) {
            int at = HEADER + 24 + 48 * db;
            long root = newest.getLong(at + 40);
            if (root != NO_PAGE) {
                check.tree(root, MAX_DEPTH);
            }
        }
    }

    private static ByteBuffer meta(FileChannel file, long position) throws IOException, Flaw {
        ByteBuffer page = read(file, position, HEADER + META_BYTES);
        if ((page.getShort(10) & META) == 0 || page.getInt(HEADER) != MAGIC || page.getInt(HEADER + 4) != VERSION) {
            throw new Flaw("it has no LMDB header at byte " + position);
        }
        return page;
    }

    private void tree(long number, int depth) throws IOException, Flaw {
        ByteBuffer page = page(number);
        int flags = page.getShort(10);
        int lower = page.getShort(12) & 0xffff;
        if (depth == 0 || (flags & (BRANCH | LEAF)) == 0 || lower < HEADER || lower > pageSize) {
            throw new Flaw("page " + number + " is no page of a tree");
        }
        for (int i = 0; i < (lower - HEADER) / 2; i++) {
            int node = page.getShort(HEADER + 2 * i) & 0xffff;
            if (node < lower || node + NODE > pageSize) {
                throw new Flaw("page " + number + " points outside itself");
            }
            long low = page.getInt(node) & 0xffffffffL;
            int nodeFlags = page.getShort(node + 4) & 0xffff;
            int key = page.getShort(node + 6) & 0xffff;
            if ((flags & BRANCH) != 0) {
                tree(low | (long) nodeFlags << 32, depth - 1);
            } else if ((nodeFlags & BIG) != 0 && node + NODE + key + 8 <= pageSize) {
                overflow(page.getLong(node + NODE + key), low);
            } else if (node + NODE + key + low > pageSize) {
                throw new Flaw("an entry of page " + number + " ends outside it");
            }
        }
    }

    private void overflow(long number, long bytes) throws IOException, Flaw {
        ByteBuffer page = page(number);
        long pages = page.getInt(12) & 0xffffffffL;
        if ((page.getShort(10) & OVERFLOW) == 0 || pages * pageSize < bytes || number + pages - 1 > lastPage) {
            throw new Flaw("page " + number + " does not hold the value that it should");
        }
    }

    private ByteBuffer page(long number) throws IOException, Flaw {
        if (number < 2 || number > lastPage || seen.get((int) number)) {
            throw new Flaw("it refers to page " + number + " where it cannot");
        }
        seen.set((int) number);
        ByteBuffer page = read(file, number * pageSize, pageSize);
        if (page.getLong(0) != number) {
            throw new Flaw("page " + number + " is overwritten");
        }
        return page;
    }

    private static ByteBuffer read(FileChannel file, long position, int bytes) throws IOException, Flaw {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
        while (buffer.hasRemaining()) {
            if (file.read(buffer, position + buffer.position()) < 0) {
                throw new Flaw("it ends at byte " + file.size());
            }
        }
        return buffer.flip();
    }

    /** What is wrong with the file. */
    private static final class Flaw extends Exception {
        private static final long serialVersionUID = 1L;

        Flaw(String message) {
            super(message);
        }
    }
}

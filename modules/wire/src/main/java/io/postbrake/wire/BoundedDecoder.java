package io.postbrake.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.util.Utf8;

/**
 * Binary decoder that believes no length and no count greater than the message: Avro's own allocates first and reads then,
 * and skips as far as it is told. With {@link WriterCheck}, which refuses items that take no byte, reading a message takes
 * time and memory in proportion to its bytes.
 */
final class BoundedDecoder extends Decoder {
    /** More entries of lists and maps than any record of ours has; an entry in memory is many times its bytes. */
    static final int MOST_ITEMS = 100_000;

    private final BinaryDecoder in;
    private final int bound;
    private long itemsLeft;

    BoundedDecoder(byte[] bytes, int offset) {
        this.bound = bytes.length - offset;
        this.itemsLeft = Math.min(bound, MOST_ITEMS);
        this.in = DecoderFactory.get().binaryDecoder(bytes, offset, bound, null);
    }

    boolean isEnd() throws IOException {
        return in.isEnd();
    }

    private int length() throws IOException {
        long length = in.readLong();
        if (length < 0 || length > bound) {
            throw new EOFException("a length of " + length + " in a message of " + bound + " bytes");
        }
        return (int) length;
    }

    private byte[] block() throws IOException {
        byte[] block = new byte[length()];
        in.readFixed(block, 0, block.length);
        return block;
    }

    /** Items of the next block of a list or map, 0 at its end. Blocks are never skipped by their size in bytes. */
    private long items() throws IOException {
        long items = in.readLong();
        if (items < 0) {
            in.readLong(); // The block's size in bytes, which nobody needs.
            items = -items;
        }
        if (items < 0 || items > itemsLeft) {
            throw new EOFException("a list or map of " + items + " entries more in a message of " + bound + " bytes");
        }
        itemsLeft -= items;
        return items;
    }

    @Override
    public Utf8 readString(Utf8 old) throws IOException {
        return new Utf8(block());
    }

    @Override
    public String readString() throws IOException {
        return new String(block(), StandardCharsets.UTF_8);
    }

    @Override
    public ByteBuffer readBytes(ByteBuffer old) throws IOException {
        return ByteBuffer.wrap(block());
    }

    @Override
    public void readNull() throws IOException {
        in.readNull();
    }

    @Override
    public boolean readBoolean() throws IOException {
        return in.readBoolean();
    }

    @Override
    public int readInt() throws IOException {
        return in.readInt();
    }

    @Override
    public long readLong() throws IOException {
        return in.readLong();
    }

    @Override
    public float readFloat() throws IOException {
        return in.readFloat();
    }

    @Override
    public double readDouble() throws IOException {
        return in.readDouble();
    }

    @Override
    public void skipString() throws IOException {
        in.skipFixed(length());
    }

    @Override
    public void skipBytes() throws IOException {
        in.skipFixed(length());
    }

    @Override
    public void readFixed(byte[] bytes, int start, int length) throws IOException {
        in.readFixed(bytes, start, length);
    }

    @Override
    public void skipFixed(int length) throws IOException {
        in.skipFixed(length);
    }

    @Override
    public int readEnum() throws IOException {
        return in.readEnum();
    }

    @Override
    public long readArrayStart() throws IOException {
        return items();
    }

    @Override
    public long arrayNext() throws IOException {
        return items();
    }

    @Override
    public long skipArray() throws IOException {
        return items();
    }

    @Override
    public long readMapStart() throws IOException {
        return items();
    }

    @Override
    public long mapNext() throws IOException {
        return items();
    }

    @Override
    public long skipMap() throws IOException {
        return items();
    }

    @Override
    public int readIndex() throws IOException {
        return in.readIndex();
    }
}

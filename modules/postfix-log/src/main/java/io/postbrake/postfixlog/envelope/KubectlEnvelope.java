package io.postbrake.postfixlog.envelope;

/** {@code [pod/NAME/CONTAINER] line}: {@code kubectl logs --prefix}. */
final class KubectlEnvelope implements Envelope {

    @Override
    public Result open(Wrapped line) {
        if (!line.starts("[pod/", line.at)) {
            return Result.NOT_MINE;
        }
        int at = line.at + 5;
        int slashes = 0;
        for (; at < line.end && line.b[at] != ']'; at++) {
            int c = line.b[at];
            slashes += c == '/' ? 1 : 0;
            boolean name = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '/';
            if (!name) {
                return Result.NOT_MINE;
            }
        }
        if (slashes != 1 || line.byteAt(at) != ']' || line.byteAt(at + 1) != ' ') {
            return Result.NOT_MINE;
        }
        line.at = at + 2;
        return Result.OPENED;
    }
}

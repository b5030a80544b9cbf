package io.postbrake.postfixlog.envelope;

/**
 * {@code journalctl -o cat}: what Postfix said and nothing else. It is never found by itself: any text could be that.
 */
final class CatEnvelope implements Envelope {

    @Override
    public Result open(Wrapped line) {
        line.program = "postfix.service";
        return Result.OPENED;
    }
}

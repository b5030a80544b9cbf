package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;

/**
 * The fields at the end of a refusal: {@code from=<F> to=<T> proto=P helo=<H>}, each optional, in this order, with commas in
 * postscreen's lines, and since 3.2 (milter, proxy) {@code sasl_username=<U>}, since 3.10 {@code sasl_method=M
 * sasl_username=U[ sasl_sender=S]} behind them. Addresses and HELO are the sender's text: where it could be read in two
 * ways, the fields in question are left out rather than guessed.
 */
final class Envelope {
    /** Syslog cuts lines at about 2,000 bytes: the last field of a longer one may not be whole. */
    private static final int CUT_BYTES = 1900;

    private final Line l;
    private int from;
    private int to;
    private int heloEnd;
    private int methodFrom;
    private int userFrom;
    private int userTo;
    private int senderFrom;

    Envelope(Line line) {
        l = line;
    }

    /** Sets what is certain of the fields in the range; false when they are not whole or could be read in two ways. */
    boolean read(MailEvent e, int begin, int end, boolean bracketedLogin, int lineBytes) {
        from = begin;
        to = end;
        int proto = proto();
        if (proto == -2) {
            return false;
        }
        int head = proto < 0 ? end : proto;
        if (proto >= 0) {
            int value = proto + 6;
            int stop = Line.isAlnum(l.byteAt(value)) ? l.alnumEnd(value, to) : value;
            int helo = heloAfter(stop);
            if (helo < 0 ? trimmed(stop, to) != stop : !helo(helo, bracketedLogin, lineBytes)) {
                return false;
            }
            if (!addresses(e, head)) {
                return false;
            }
            e.setProto(l.word(value, stop));
            if (helo >= 0) {
                e.setHelo(l.string(helo, heloEnd));
                login(e);
            }
            return lineBytes < CUT_BYTES;
        }
        addresses(e, head);
        return false;
    }

    private void login(MailEvent e) {
        if (methodFrom >= 0) {
            e.setSaslMethod(l.word(methodFrom, l.token(methodFrom, to)));
        }
        if (userFrom >= 0) {
            e.setSaslUsername(l.string(userFrom, userTo));
        }
        if (senderFrom >= 0) {
            e.setSaslSender(l.string(senderFrom, to));
        }
    }

    /** Index of {@code proto=}; -1 without one, -2 when more than one place could be it. */
    private int proto() {
        int found = -1;
        for (int i = l.find("proto=", from, to); i >= 0; i = l.find("proto=", i + 1, to)) {
            if (i > from && l.b[i - 1] != ' ') {
                continue;
            }
            int stop = l.alnumEnd(i + 6, to);
            boolean fits = heloAfter(stop) >= 0 || trimmed(stop, to) == stop;
            if (fits && found >= 0) {
                return -2;
            }
            found = fits ? i : found;
        }
        return found < 0 && l.find("helo=<", from, to) >= 0 ? -2 : found;
    }

    private int heloAfter(int i) {
        int at = l.byteAt(i) == ',' ? i + 1 : i;
        return l.starts(" helo=<", at) && at + 7 <= to ? at + 7 : -1;
    }

    private int trimmed(int least, int end) {
        int i = end;
        while (i > least && (l.b[i - 1] == ' ' || l.b[i - 1] == ',')) {
            i--;
        }
        return i;
    }

    /** Finds the end of the HELO that begins at {@code at} and the login behind it; false when neither ends as it must. */
    private boolean helo(int at, boolean bracketedLogin, int lineBytes) {
        methodFrom = -1;
        userFrom = -1;
        senderFrom = -1;
        int end = trimmed(at, to);
        String bracket = "> sasl_username=<";
        String bare = "> sasl_method=";
        boolean closed = end > at && l.b[end - 1] == '>';
        if (closed) {
            heloEnd = end - 1;
            int login = bracketedLogin ? l.find(bracket, at, end) : -1;
            if (login >= 0 && lineBytes < CUT_BYTES) {
                int user = login + bracket.length();
                if (l.find('>', user, end) != end - 1) {
                    return true;
                }
                heloEnd = login;
                userFrom = user;
                userTo = end - 1;
            }
            return true;
        }
        int method = l.find(bare, at, end);
        int user = method < 0 ? -1 : l.find(" sasl_username=", method, end);
        if (user < 0 || lineBytes >= CUT_BYTES || l.find(bare, method + 1, end) >= 0) {
            return false;
        }
        heloEnd = method;
        methodFrom = method + bare.length();
        userFrom = user + 15;
        if (l.token(methodFrom, end) != user) {
            return false;
        }
        int sender = l.find(" sasl_sender=", userFrom, end);
        userTo = sender < 0 ? end : sender;
        senderFrom = sender < 0 ? -1 : sender + 13;
        return true;
    }

    /** Reads {@code from=<F>} and {@code to=<T>} before {@code end}; false when they do not end as they must. */
    private boolean addresses(MailEvent e, int end) {
        int stop = trimmed(from, end);
        if (stop == from) {
            return true;
        }
        if (l.b[stop - 1] != '>') {
            return false;
        }
        boolean sender = l.starts("from=<", from);
        if (!sender && !l.starts("to=<", from)) {
            return false;
        }
        int first = from + (sender ? 6 : 4);
        int cut = sender ? recipient(first, stop) : first - 4;
        if (cut == -2 || (!sender && recipient(first, stop) != -1)) {
            return true;
        }
        boolean noRecipientYet = "MAIL".equals(e.getStage()) || "CONNECT".equals(e.getStage());
        if (cut >= 0 && noRecipientYet) {
            return true;
        }
        if (sender) {
            e.setFrom(l.string(first, cut < 0 ? stop - 1 : cut));
        }
        if (cut >= 0) {
            int value = l.find('<', cut, stop) + 1;
            e.setTo(l.string(value, stop - 1));
        }
        return true;
    }

    /** Index of the bracket that ends the sender before {@code to=<}; -1 without one, -2 when there are two. */
    private int recipient(int first, int stop) {
        int found = -1;
        int i = afterQuotes(first, stop);
        while (i < stop) {
            int close = l.find('>', i, stop);
            if (close < 0) {
                break;
            }
            int next = l.byteAt(close + 1) == ',' ? close + 2 : close + 1;
            if (l.starts(" to=<", next)) {
                if (found >= 0) {
                    return -2;
                }
                found = close;
                i = afterQuotes(next + 5, stop);
            } else {
                i = close + 1;
            }
        }
        return found;
    }

    /** A quoted local part is skipped: what stands in it is its own. */
    private int afterQuotes(int at, int stop) {
        if (l.byteAt(at) != '"') {
            return at;
        }
        for (int i = at + 1; i < stop; i++) {
            if (l.b[i] == '\\') {
                i++;
            } else if (l.b[i] == '"') {
                return i + 1;
            }
        }
        return at;
    }
}

package io.postbrake.testkit;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** One SMTP session as a mail program holds it open. */
public final class SmtpSession implements AutoCloseable {

    private final Socket socket;
    private final BufferedReader in;

    /** Connects to a port of this machine and reads the greeting. */
    public SmtpSession(int port) throws IOException {
        this(port, null);
    }

    /** @param fromOrNull the client's own address; null for any */
    SmtpSession(int port, InetAddress fromOrNull) throws IOException {
        this(port, fromOrNull, "");
    }

    /** @param header what a balancer sends before the client's own first word */
    SmtpSession(int port, InetAddress fromOrNull, String header) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port, fromOrNull, 0);
        socket.setSoTimeout(15_000);
        socket.setTcpNoDelay(true);
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        socket.getOutputStream().write(header.getBytes(StandardCharsets.US_ASCII));
        try {
            expect(reply(), "220");
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Logs in with PLAIN. */
    public void login(String login, String password) throws IOException {
        expect(say("EHLO laptop.example"), "250");
        String plain = "\0" + login + "\0" + password;
        expect(say("AUTH PLAIN " + Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8))), "235");
    }

    /** Sends one message; the reply that decided over it: 250 with a queue id, or the first refusal. */
    public String send(String from, String to) throws IOException {
        String begun = begin(from, to);
        return begun.startsWith("354") ? finish() : begun;
    }

    /** Sends a message as far as DATA; the reply is 354, or the first refusal. */
    public String begin(String from, String to) throws IOException {
        String reply = say("MAIL FROM:<" + from + ">");
        if (reply.startsWith("250")) {
            reply = say("RCPT TO:<" + to + ">");
        }
        if (reply.startsWith("250")) {
            return say("DATA");
        }
        expect(say("RSET"), "250");
        return reply;
    }

    /** Ends a message that was begun. */
    public String finish() throws IOException {
        return say("Subject: hello\r\n\r\nhello\r\n.");
    }

    /** Sends one command as it is, in UTF-8; the last line of the reply. */
    public String say(String line) throws IOException {
        socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        return reply();
    }

    private String reply() throws IOException {
        for (; ; ) {
            String line = in.readLine();
            if (line == null) {
                throw new EOFException("Postfix hung up");
            }
            if (line.length() < 4 || line.charAt(3) != '-') {
                return line;
            }
        }
    }

    private static void expect(String reply, String code) throws IOException {
        if (!reply.startsWith(code)) {
            throw new IOException("expected " + code + " but got: " + reply);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

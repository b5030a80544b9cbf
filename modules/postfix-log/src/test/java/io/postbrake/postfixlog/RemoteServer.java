package io.postbrake.postfixlog;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A mail server elsewhere, on loopback: it refuses every recipient, in words that imitate a log. */
final class RemoteServer implements AutoCloseable {
    static final String FULL = "452 4.2.2 mailbox full, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4B35D0A1)";
    private static final String GONE = "550 5.1.1 no such user; from=<victim@d> to=<victim@d> proto=ESMTP helo=<h>";

    private final ServerSocket socket;

    RemoteServer() throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var thread = new Thread(this::accept, "remote-server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return socket.getLocalPort();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                talk(client);
            } catch (IOException e) {
                // The client hung up, or the test is over.
            }
        }
    }

    private static void talk(Socket client) throws IOException {
        client.setSoTimeout(10_000);
        var in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
        OutputStream out = client.getOutputStream();
        answer(out, "220 remote.example ESMTP");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith("RCPT")) {
                answer(out, line.contains("gone") ? GONE : FULL);
            } else if (line.startsWith("DATA")) {
                answer(out, "554 5.5.1 no valid recipients");
            } else if (line.startsWith("QUIT")) {
                answer(out, "221 bye");
                return;
            } else {
                answer(out, "250 ok");
            }
        }
    }

    private static void answer(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

package io.postbrake.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;

/** Sockets with key and trust as their files are at the time. */
final class RenewingSockets extends SSLSocketFactory {

    private final TlsFiles files;

    RenewingSockets(TlsFiles files) {
        this.files = files;
    }

    private SSLSocketFactory now() {
        return files.now().sslContext().getSocketFactory();
    }

    @Override
    public Socket createSocket() throws IOException {
        return now().createSocket();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return now().createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return now().createSocket(host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return now().createSocket(host, port, localHost, localPort);
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return now().createSocket(address, port, localAddress, localPort);
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
        return now().createSocket(socket, host, port, autoClose);
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return now().getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return now().getSupportedCipherSuites();
    }
}

package io.postbrake.mail;

import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.NoSuchProviderException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;

/**
 * Hands letters to a relay, a connection each: they are few. They say that no person wrote them (RFC 3834), and unless a
 * sender is set they come from the null sender, so that nothing answers and no bounce ever comes back.
 */
public final class Mailer {

    private final SmtpSettings settings;
    private final Clock clock;

    public Mailer(SmtpSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /** The relay, for logs. */
    public String relay() {
        return settings.host() + ":" + settings.port();
    }

    /**
     * Sends a letter to all its addresses at once.
     *
     * @return the addresses that the relay refuses for good, while it took the letter for the others; all, when there are no others
     * @throws RelayException when the relay took it for nobody, and may take it later
     */
    public List<String> send(Letter letter) throws RelayException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // The library looks for its parts by it, and a plugin's thread may have another one.
        thread.setContextClassLoader(Mailer.class.getClassLoader());
        try {
            return transmit(letter);
        } catch (MessagingException e) {
            throw new RelayException(said(e), false);
        } catch (IOException e) {
            throw new RelayException("the password file " + e.getMessage(), false);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private List<String> transmit(Letter letter) throws MessagingException, IOException, RelayException {
        Session session = Session.getInstance(properties());
        MimeMessage message = message(session, letter);
        Path passwordFile = settings.passwordFileOrNull();
        String password = passwordFile == null ? null : SecretFile.read(passwordFile);
        try (SMTPTransport transport = transport(session)) {
            transport.connect(
                    settings.host(), settings.port(), passwordFile == null ? null : settings.username(), password);
            try {
                transport.sendMessage(message, message.getAllRecipients());
                return List.of();
            } catch (SendFailedException e) {
                return refused(e, letter);
            }
        }
    }

    private SMTPTransport transport(Session session) throws NoSuchProviderException {
        return (SMTPTransport) session.getTransport(settings.tls() == SmtpSettings.Tls.IMPLICIT ? "smtps" : "smtp");
    }

    /**
     * Who is refused by a 5xx of their own. When the letter went out to nobody, one that is only put off, or a refusal of
     * the sender or of what it says, is a reason to try on.
     */
    private static List<String> refused(SendFailedException e, Letter letter) throws RelayException {
        Set<String> forGood = new LinkedHashSet<>();
        boolean putOff = false;
        for (Exception each = e; each != null; each = next(each)) {
            if (each instanceof SMTPAddressFailedException address && address.getReturnCode() >= 500) {
                forGood.add(address.getAddress().getAddress());
            } else if (each instanceof SMTPAddressFailedException || each instanceof SMTPSenderFailedException) {
                putOff = true;
            }
        }
        boolean sentToSome = e.getValidSentAddresses() != null && e.getValidSentAddresses().length > 0;
        if (sentToSome || (!putOff && forGood.size() == letter.to().size())) {
            return List.copyOf(forGood);
        }
        throw new RelayException(said(e), isOfContent(e));
    }

    /** A content filter's word comes when it has the whole message. */
    private static boolean isOfContent(SendFailedException e) {
        return e instanceof SMTPSendFailedException failed
                && failed.getReturnCode() >= 500
                && List.of(".", "DATA").contains(failed.getCommand().strip());
    }

    private static @Nullable Exception next(Exception e) {
        return e instanceof MessagingException m ? m.getNextException() : null;
    }

    private MimeMessage message(Session session, Letter letter) throws MessagingException {
        String domain = Addresses.domain(settings.from());
        var message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", "<postbrake." + letter.id() + "@" + domain + ">");
            }
        };
        message.setFrom(new InternetAddress(settings.from()));
        List<Address> to = new ArrayList<>();
        for (String address : letter.to()) {
            to.add(new InternetAddress(address));
        }
        message.setRecipients(Message.RecipientType.TO, to.toArray(Address[]::new));
        message.setSubject(letter.subject(), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(clock.instant()));
        message.setHeader("Auto-Submitted", "auto-generated");
        // What Exchange heeds instead.
        message.setHeader("X-Auto-Response-Suppress", "All");
        message.setHeader("Content-Language", letter.language().toLanguageTag());
        message.setText(letter.text(), StandardCharsets.UTF_8.name());
        message.saveChanges();
        return message;
    }

    private Properties properties() throws MessagingException {
        String scheme = settings.tls() == SmtpSettings.Tls.IMPLICIT ? "mail.smtps." : "mail.smtp.";
        var p = new Properties();
        p.put(scheme + "auth", String.valueOf(settings.passwordFileOrNull() != null));
        p.put(scheme + "from", settings.envelopeFrom().isEmpty() ? "<>" : settings.envelopeFrom());
        p.put(scheme + "sendpartial", "true");
        p.put(scheme + "allow8bitmime", "true");
        p.put(scheme + "quitwait", "false");
        for (String time : List.of("connectiontimeout", "timeout", "writetimeout")) {
            p.put(scheme + time, String.valueOf(settings.timeoutMs()));
        }
        if (!settings.helo().isEmpty()) {
            p.put(scheme + "localhost", settings.helo());
        }
        if (settings.tls() == SmtpSettings.Tls.STARTTLS) {
            p.put(scheme + "starttls.enable", "true");
            p.put(scheme + "starttls.required", "true");
        }
        p.put(scheme + "ssl.checkserveridentity", "true");
        Path ca = settings.caFileOrNull();
        if (ca != null) {
            p.put(scheme + "ssl.socketFactory", Trust.of(ca));
        }
        return p;
    }

    /** What is wrong, with what the relay said: that is a stranger's text, of which no more than a line is kept. */
    private static String said(MessagingException e) {
        Throwable deepest = e;
        for (Exception next = e; next != null; next = next(next)) {
            deepest = next;
        }
        String kind = e instanceof AuthenticationFailedException ? "does not let us in: " : "";
        return PlainText.of(kind + deepest.getMessage(), 300);
    }
}

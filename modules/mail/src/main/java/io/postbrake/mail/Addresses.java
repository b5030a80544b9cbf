package io.postbrake.mail;

import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.util.List;
import org.apache.kafka.common.config.ConfigException;

/** Addresses that an operator gives: a local part and a domain, without a name beside. */
public final class Addresses {

    private Addresses() {}

    /**
     * The address in a setting.
     *
     * @throws ConfigException naming {@code key} when {@code text} is none
     */
    public static String checked(String key, String text) {
        String address = text.strip();
        if (!isAddress(address)) {
            throw new ConfigException(key, address, "must be an address like postmaster@example.net");
        }
        return address;
    }

    /**
     * The addresses in a setting.
     *
     * @throws ConfigException naming {@code key} when one of {@code texts} is none
     */
    public static List<String> checked(String key, List<String> texts) {
        return texts.stream().map(text -> checked(key, text)).toList();
    }

    static String checkedOrEmpty(String key, String text) {
        return text.isBlank() ? "" : checked(key, text);
    }

    private static boolean isAddress(String address) {
        if (!address.matches("[!-;=?-~]+@[A-Za-z0-9.-]+")) {
            return false;
        }
        try {
            new InternetAddress(address, true).validate();
            return true;
        } catch (AddressException e) {
            return false;
        }
    }

    /** What stands behind the last {@code @}. */
    static String domain(String address) {
        return address.substring(address.lastIndexOf('@') + 1);
    }
}

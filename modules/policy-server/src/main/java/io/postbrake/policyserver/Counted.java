package io.postbrake.policyserver;

/** Whose mail is counted together. */
public enum Counted {
    /** One login, folded as subjects are. */
    LOGIN("login"),
    /** All logins with the same text behind their last '@'. */
    LOGIN_DOMAIN("login-domain"),
    /** One address of a client. */
    CLIENT("client"),
    /** The network of a client's address: an IPv4 /24, an IPv6 /64. */
    NETWORK("network"),
    /** One envelope sender, of mail that somebody logged in for or that comes from your own networks. */
    SENDER("sender"),
    /** All such envelope senders of a domain. */
    SENDER_DOMAIN("sender-domain");

    private final String word;

    Counted(String word) {
        this.word = word;
    }

    /** Its name in settings, texts, and before a subject. */
    public String word() {
        return word;
    }

    /** How a subject of this kind is called in files and topics: {@code login:alice@example.net}. */
    public String subject(String name) {
        return word + ":" + name;
    }
}

package io.postbrake.alertmanagersink;

import io.postbrake.mail.Addresses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where else owners of accounts read mail, by a file of lines {@code ACCOUNT ADDRESS[,ADDRESS] [LANGUAGE]}, as the operator
 * keeps it. It is read again when it changes; one that went wrong leaves what stood in it before.
 */
final class Owners {

    private static final Logger LOG = LoggerFactory.getLogger(Owners.class);

    private final String key;
    private final Path file;
    private final Locale language;
    private Map<String, Addressee> byAccount;
    private FileTime seen;

    private Owners(String key, Path file, Locale language) throws IOException {
        this.key = key;
        this.file = file;
        this.language = language;
        seen = Files.getLastModifiedTime(file);
        byAccount = read();
    }

    /**
     * Reads {@code file}, which the setting {@code key} names.
     *
     * @throws ConfigException naming the line that is wrong, and what would be right
     */
    static Owners of(String key, Path file, Locale language) {
        try {
            return new Owners(key, file, language);
        } catch (IOException e) {
            throw new ConfigException(key, file, "cannot be read: give a file of lines ACCOUNT ADDRESS [LANGUAGE]");
        }
    }

    /** The owner of an account, as the file knows him now. */
    Optional<Addressee> of(String account) {
        refresh();
        return Optional.ofNullable(byAccount.get(account.toLowerCase(Locale.ROOT)));
    }

    private void refresh() {
        try {
            FileTime changed = Files.getLastModifiedTime(file);
            if (!changed.equals(seen)) {
                seen = changed;
                byAccount = read();
                LOG.info("{}: {} accounts have an owner elsewhere", file, byAccount.size());
            }
        } catch (IOException | ConfigException e) {
            LOG.warn("{} is as it was before: {}", file, e.getMessage());
        }
    }

    private Map<String, Addressee> read() throws IOException {
        Map<String, Addressee> result = new HashMap<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            String said = line.strip();
            if (!said.isEmpty() && !said.startsWith("#")) {
                String[] words = said.split("\\s+");
                String account = words[0].toLowerCase(Locale.ROOT);
                if (result.put(account, owner(words, "line " + number)) != null) {
                    throw new ConfigException(key, file, "line " + number + " names an account for the second time");
                }
            }
        }
        return result;
    }

    private Addressee owner(String[] words, String where) {
        if (words.length < 2 || words.length > 3) {
            throw new ConfigException(key, file, where + " must be ACCOUNT ADDRESS[,ADDRESS] [LANGUAGE]");
        }
        List<String> addresses = new ArrayList<>();
        for (String address : words[1].split(",")) {
            try {
                addresses.add(Addresses.checked(key, address));
            } catch (ConfigException e) {
                throw new ConfigException(key, file, where + ": '" + address + "' is no address");
            }
        }
        if (addresses.stream().allMatch(words[0]::equalsIgnoreCase)) {
            throw new ConfigException(
                    key, file, where + ": the account's own mailbox may be the thief's; give another address");
        }
        try {
            return new Addressee(addresses, words.length == 3 ? Wording.language(words[2]) : language, true);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(key, file, where + ": " + e.getMessage());
        }
    }
}

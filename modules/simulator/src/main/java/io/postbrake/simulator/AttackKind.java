package io.postbrake.simulator;

import java.util.List;

/**
 * A way to abuse stolen accounts.
 *
 * @param name stable kebab-case name
 * @param campaigns how many of them among 2,000 accounts in 30 days
 * @param heldOut whether detectors were never tuned on it
 * @param plan writes what the thief does into the diary
 */
record AttackKind(String name, int campaigns, boolean heldOut, Plan plan) {

    @FunctionalInterface
    interface Plan {
        void carryOut(Thief thief);
    }

    /** All of them. */
    static List<AttackKind> all() {
        return List.of(
                new AttackKind("fast-burst", 3, false, Attacks::fastBurst),
                new AttackKind("low-and-slow", 3, false, Attacks::lowAndSlow),
                new AttackKind("dormant-account", 3, false, Attacks::dormant),
                new AttackKind("many-recipients", 3, false, Attacks::manyRecipients),
                new AttackKind("spread-over-hosts", 3, false, Attacks::spreadOverHosts),
                new AttackKind("botnet", 3, false, Attacks::botnet),
                new AttackKind("same-country-proxy", 3, false, Attacks::sameCountryProxy),
                new AttackKind("hosting-abroad", 3, false, Attacks::hostingAbroad),
                new AttackKind("guess-then-use", 2, false, Attacks::guessThenUse),
                new AttackKind("credential-stuffing", 1, false, Attacks::credentialStuffing),
                new AttackKind("snowshoe-pivot", 1, false, Attacks::snowshoe),
                new AttackKind("beside-owner", 3, false, Attacks::besideOwner),
                new AttackKind("newsletter-stolen", 2, false, Attacks::newsletterStolen),
                new AttackKind("many-senders", 2, false, Attacks::manySenders),
                new AttackKind("ramp-up", 2, false, Attacks::rampUp),
                new AttackKind("owners-own-machine", 2, false, Attacks::ownersMachine),
                new AttackKind("same-carrier", 2, false, Attacks::sameCarrier),
                new AttackKind("timed-to-owner", 2, true, Attacks::timedToOwner),
                new AttackKind("hijacked-router", 2, true, Attacks::hijackedRouter),
                new AttackKind("contact-phishing", 3, true, Attacks::contactPhishing),
                new AttackKind("reply-chain", 2, true, Attacks::replyChain),
                new AttackKind("owner-away", 3, true, Attacks::ownerAway),
                new AttackKind("clean-list", 3, true, Attacks::cleanList),
                new AttackKind("webmail-thief", 3, true, Crowds::webmailThief),
                new AttackKind("gateway-thief", 2, true, Crowds::gatewayThief),
                new AttackKind("bought-crowd", 1, true, Crowds::boughtCrowd),
                new AttackKind("range-guesser", 2, true, Crowds::rangeGuesser),
                new AttackKind("refused-thief", 3, true, Mishaps::refusedThief),
                new AttackKind("public-webmail-thief", 3, true, Mishaps::publicWebmailThief));
    }
}

package io.postbrake.simulator;

import java.util.List;

/**
 * A legitimate way to use an account.
 *
 * @param name stable kebab-case name
 * @param weight how many of 2,000 accounts are so
 * @param heldOut whether detectors were never tuned on it
 * @param life writes all that a person of this kind does into the diary
 */
record Behaviour(String name, int weight, boolean heldOut, Life life) {

    @FunctionalInterface
    interface Life {
        void live(Person person, Diary diary);
    }

    /** All of them. */
    static List<Behaviour> all() {
        return List.of(
                new Behaviour("office", 432, false, People::office),
                new Behaviour("home-office", 240, false, People::homeOffice),
                new Behaviour("phone-and-home", 290, false, People::phoneAndHome),
                new Behaviour("vpn-second-exit", 240, false, People::vpn),
                new Behaviour("traveller", 80, false, People::traveller),
                new Behaviour("night-worker", 40, false, People::nightWorker),
                new Behaviour("seasonal", 30, false, People::seasonal),
                new Behaviour("new-account", 60, false, People::newAccount),
                new Behaviour("holiday-return", 80, false, People::holidayReturn),
                new Behaviour("rare", 180, false, People::rare),
                new Behaviour("never", 100, false, (person, diary) -> {}),
                new Behaviour("shared-mailbox", 30, false, People::sharedMailbox),
                new Behaviour("old-password-device", 30, false, People::oldPassword),
                new Behaviour("mail-merge", 12, false, People::mailMerge),
                new Behaviour("mailing-list", 18, false, Machines::mailingList),
                new Behaviour("newsletter-monthly", 12, false, Machines::newsletterMonthly),
                new Behaviour("newsletter-weekly", 8, false, Machines::newsletterWeekly),
                new Behaviour("ticket-system", 14, false, Machines::ticketSystem),
                new Behaviour("scanner", 36, false, Machines::scanner),
                new Behaviour("forwarder", 8, false, Machines::forwarder),
                new Behaviour("alert-storm", 8, true, Machines::alertStorm),
                new Behaviour("relocation", 14, true, People::relocation),
                new Behaviour("office-moves-network", 10, true, People::officeMoves),
                new Behaviour("conference", 12, false, People::conference),
                new Behaviour("delegate", 10, true, People::delegate),
                new Behaviour("application-moves", 6, false, Machines::applicationMoves),
                new Behaviour("roadshow", 10, true, People::roadshow),
                new Behaviour("failover", 4, false, Machines::failover),
                new Behaviour("webmail", 60, true, Crowds::webmail),
                new Behaviour("container-gateway", 50, true, Crowds::gateway),
                new Behaviour("old-password-first-day", 6, true, Crowds::oldPasswordFirstDay),
                new Behaviour("circular-again", 10, true, Crowds::circularAgain),
                new Behaviour("misconfigured-client", 10, true, Mishaps::misconfiguredClient),
                new Behaviour("public-webmail", 60, true, Mishaps::publicWebmail));
    }
}

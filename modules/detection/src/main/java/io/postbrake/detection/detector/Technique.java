package io.postbrake.detection.detector;

import io.postbrake.alert.Attack;

/** Techniques of MITRE ATT&CK (attack.mitre.org) that detectors see, each with the tactic it serves here. */
public enum Technique {
    VALID_ACCOUNTS("T1078", "Valid Accounts", "TA0001", "Initial Access"),
    BRUTE_FORCE("T1110", "Brute Force", "TA0006", "Credential Access"),
    EMAIL_ACCOUNTS("T1586.002", "Compromise Accounts: Email Accounts", "TA0042", "Resource Development");

    private final String id;
    private final String title;
    private final String tacticId;
    private final String tactic;

    Technique(String id, String title, String tacticId, String tactic) {
        this.id = id;
        this.title = title;
        this.tacticId = tacticId;
        this.tactic = tactic;
    }

    public Attack attack() {
        return new Attack(id, title, tacticId, tactic);
    }
}

package io.postbrake.alertmanagersink;

import io.postbrake.mail.Mailer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** All receivers of one sink, each told independently of the others. */
record Deliveries(List<Delivery> all) implements AutoCloseable {

    static Deliveries of(AlertmanagerSinkConfig config, Board board, Clock clock) {
        var http = new Http(config.http());
        AlertmanagerSettings alertmanager = config.alertmanager();
        var json = new AlertJson(alertmanager.labels());
        List<Channel> channels = new ArrayList<>();
        alertmanager
                .urls()
                .forEach(url -> channels.add(new AlertmanagerReplica(url, http, board, json, alertmanager.times())));
        if (config.letter() != null) {
            channels.add(new Webhook(config.letter(), http, board));
        }
        Duration longestBackoff = config.http().longestBackoff();
        MailSettings mail = config.mail();
        if (mail != null) {
            channels.add(new MailChannel(mail, new Mailer(mail.smtp(), clock), board));
            longestBackoff = mail.longestBackoff();
        }
        List<Delivery> all = new ArrayList<>();
        for (Channel channel : channels) {
            all.add(new Delivery(channel, clock, longestBackoff));
        }
        var result = new Deliveries(List.copyOf(all));
        result.all().forEach(Delivery::start);
        return result;
    }

    void wake() {
        all.forEach(Delivery::wake);
    }

    @Override
    public void close() {
        all.forEach(Delivery::close);
    }
}

#!/usr/bin/env bash
# A table of authorized_submit_users that its group alone may read stops the local mail of everybody, as a missing one does; and in a
# text table a name with a capital letter never matches.
#
# Software:  Postfix 3.7.11 (Debian 12), sendmail(1) and the set-gid postdrop(1).
# Behaviour: postconf(5) says that the list holds for "the sendmail(1) command (and the privileged postdrop(1) helper command)".
#            Both open its tables, and sendmail(1) has no privilege: a table with the mode 0640 and the group postdrop is closed
#            to it, and no user but root can send. Without the table not even root can. The status is 75, "try again later",
#            and the message is the caller's to keep.
#            The name is looked up in lower case. A plain file of names is compared without regard to case and stops "Anna" by
#            "Anna"; a texthash: table with the key "Anna" stops nobody, and lets her send without a word.
# Seen:      0644, key games                     games: 75  www-data: 0   root: 0
#            0640 root:postdrop                  games: 75  www-data: 75  root: 0
#            missing                             games: 75  www-data: 75  root: 75
#            /file with Anna                     Anna: 75   www-data: 0
#            texthash: with the key Anna         Anna: 0    www-data: 0
#            texthash: with the key anna         Anna: 75   www-data: 0
# Matters:   such a table cannot be closed to the host's users, so it must be one whose lock stops nobody; it must be there before
#            main.cf names it and stay until after, and its keys must be in lower case.
#
# Needs: Debian 12 (apt-get, dpkg-deb), root (mount namespace, other users). Nothing is installed; 13 MB are fetched. Nothing listens.
set -euo pipefail

if [ "${1:-}" != inside ]; then
    [ "$(id -u)" -eq 0 ] || { echo "only root can send as others" >&2; exit 2; }
    self=$(realpath "${BASH_SOURCE[0]}")
    work=$(mktemp -d /var/tmp/finding-submit-users-XXXXXX)
    chmod 755 "$work"
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    apt-get download -qq -o APT::Sandbox::User=root postfix=3.7.11-0+deb12u1 libicu72=72.1-3+deb12u1 libnsl2=1.3.0-2 \
        libtirpc3=1.3.3+ds-1 libdb5.3=5.3.28+dfsg2-1 libsasl2-2=2.1.28+dfsg-10+deb12u1
    for package in *.deb; do dpkg-deb -x "$package" debian; done
    if [ -d debian/lib ]; then cp -a debian/lib/. debian/usr/lib/; fi
    mkdir -p debian/etc/postfix
    cp /etc/passwd /etc/group debian/etc/
    getent group postfix >/dev/null || echo 'postfix:x:60101:' >>debian/etc/group
    getent group postdrop >/dev/null || echo 'postdrop:x:60102:' >>debian/etc/group
    getent passwd postfix >/dev/null || echo 'postfix:x:60101:60101::/nonexistent:/usr/sbin/nologin' >>debian/etc/passwd
    echo 'Anna:x:60103:60103::/nonexistent:/usr/sbin/nologin' >>debian/etc/passwd
    chmod 755 debian debian/etc debian/etc/postfix
    unshare --mount bash "$self" inside "$work"
    exit
fi

work=$2
cd "$work"
mount -t overlay overlay -o "lowerdir=$work/debian/usr:/usr" /usr
mount -t overlay overlay -o "lowerdir=$work/debian/etc:/etc,upperdir=$(mkdir -p up && realpath up),workdir=$(mkdir -p tmp && realpath tmp)" /etc
# As the package's own script leaves it.
mkdir bin
cp /usr/sbin/postdrop bin/
chgrp postdrop bin/postdrop
chmod 2755 bin/postdrop
mkdir -p queue/maildrop queue/public queue/pid
chown postfix:postdrop queue/maildrop queue/public
chmod 730 queue/maildrop
chmod 710 queue/public
: >/etc/postfix/dynamicmaps.cf

list() {
    cat >/etc/postfix/main.cf <<CONF
compatibility_level = 3.6
queue_directory = $work/queue
command_directory = $work/bin
inet_protocols = ipv4
myhostname = mx1.example.com
authorized_submit_users = $1, static:anyone
CONF
}

status=0
expect() {
    local what=$1 user rest got=
    shift
    for rest in "$@"; do
        user=${rest%%:*}
        local code=0
        printf 'Subject: hello\n\nhello\n' |
            setpriv --reuid="$(id -u "$user")" --regid="$(id -g "$user")" --clear-groups \
                /usr/sbin/sendmail -f sender@example.com to@example.com 2>>said || code=$?
        got+="$user: $code  "
        [ "$code" = "${rest#*:}" ] || { got+="(CHANGED: it was ${rest#*:})  "; status=1; }
    done
    printf '  %-36s%s\n' "$what" "$got"
}

postconf -h mail_version
table=$work/table
list "!texthash:$table"
echo 'games x' >"$table"
chmod 644 "$table"
expect '0644, key games' games:75 www-data:0 root:0
chgrp postdrop "$table"
chmod 640 "$table"
expect '0640 root:postdrop' games:75 www-data:75 root:0
rm "$table"
expect 'missing' games:75 www-data:75 root:75
echo 'Anna' >"$table"
chmod 644 "$table"
list "!$table"
expect '/file with Anna' Anna:75 www-data:0
echo 'Anna x' >"$table"
list "!texthash:$table"
expect 'texthash: with the key Anna' Anna:0 www-data:0
echo 'anna x' >"$table"
expect 'texthash: with the key anna' Anna:75 www-data:0
if [ "$status" = 0 ]; then
    echo "As stated: whoever may not read the table cannot send, and a capital letter in its key is no key."
else
    tail -20 said
fi
exit $status

# Keeps one booted machine, in a mount namespace of its own, for as long as its standard input is open:
# `keeper.sh NAME [word of systemd-nspawn]...`. It says `mounted`, boots at the line `boot`, and says `booted PID` with
# the machine's first process, or `cannot WORDS`. When the one who tests is gone, however that came, all of it goes.
set -u
name=$1
shift
trap '' HUP INT TERM
place=/run/edge-emotion-boot # below this namespace's own /run
root=$place/root
groups=""
machine=""

refuse() {
    echo "cannot $1"
    exit 0
}

# With cgroups of its own a machine does not take another one's for its own: each is called `payload` otherwise.
fenced() {
    while read -r _ _ _ inside folder _ rest; do
        case $rest in *cgroup2*|*"name=systemd"*) ;; *) continue ;; esac
        [ "$inside" = / ] || continue
        mkdir "$folder/$name" 2>/dev/null || refuse "make a cgroup in $folder"
        groups="$groups $folder/$name"
    done </proc/self/mountinfo
    [ -n "$groups" ] || refuse "find a cgroup hierarchy of systemd's"
}

# Not `kill -0`, to which a dead child that nobody has waited for is alive.
runs() {
    [ -e "/proc/$machine/exe" ]
}

ended() {
    if [ -n "$machine" ] && runs; then
        leader=$(pgrep -o -P "$machine") && timeout 20 nsenter -t "$leader" -a systemctl poweroff
        for _ in $(seq 200); do
            runs || break
            sleep 0.1
        done
        kill -KILL "$machine" 2>/dev/null
        wait "$machine"
    fi
    for group in $groups; do # the last process may still be on its way out
        for _ in $(seq 50); do
            find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
            sleep 0.1
        done
    done
}
trap ended EXIT

mount -t tmpfs tmpfs /run || refuse "mount a tmpfs"
mkdir $place && mount -t tmpfs tmpfs $place && mkdir $place/up $place/work $root || refuse "mount a tmpfs"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/up,workdir=$place/work" $root || refuse "lay an overlay over /"
fenced
echo mounted

read -r word && [ "$word" = boot ] || exit 0
(
    for group in $groups; do
        echo 0 >"$group/cgroup.procs" || exit 1
    done
    exec setpriv --pdeathsig KILL systemd-nspawn --quiet --directory=$root --machine="$name" --boot \
        --register=no --keep-unit --private-network "$@" </dev/null >$place/console 2>&1
) &
machine=$!
leader=""
while runs; do
    leader=$(pgrep -o -P "$machine" 2>/dev/null) && [ "$(cat /proc/"$leader"/comm)" = systemd ] && break
    leader=""
    sleep 0.05
done
[ -n "$leader" ] || refuse "boot: $(tail -n 1 $place/console)"
echo "booted $leader"
while read -r _; do :; done

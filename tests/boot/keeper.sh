# Keeps a machine, in a mount namespace of its own, for as long as its standard input is open:
# `keeper.sh BASE NAME [option of systemd-nspawn]...`. It says `mounted`; at each line `boot` it boots, for the second time
# after powering off, and says `booted PID` with the machine's first process; or `cannot WORDS`. When the one who tests is
# gone, however that came, all of it goes.
set -u
base=$1
name=$2
shift 2
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
fence() {
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
    [ -n "$machine" ] && [ -e "/proc/$machine/exe" ]
}

switch_on() {
    fence
    (
        for group in $groups; do
            echo 0 >"$group/cgroup.procs" || exit 1
        done
        exec setpriv --pdeathsig KILL systemd-nspawn --quiet --directory=$root --machine="$name" --boot \
            --register=no --keep-unit "$@" </dev/null >$place/console 2>&1
    ) &
    machine=$!
    while runs; do
        leader=$(pgrep -o -P "$machine" 2>/dev/null) && [ "$(cat /proc/"$leader"/comm)" = systemd ] && return
        sleep 0.05
    done
    refuse "boot: $(tail -n 1 $place/console)"
}

switch_off() {
    if runs; then
        timeout 20 nsenter -t "$leader" -a systemctl poweroff 2>/dev/null
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
    groups=""
}
trap switch_off EXIT

mount -t tmpfs tmpfs /run || refuse "mount a tmpfs"
mkdir $place && mount -t tmpfs tmpfs $place && mkdir $place/up $place/work $root || refuse "mount a tmpfs"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$place/up,workdir=$place/work" $root || refuse "lay an overlay over $base"
echo mounted

while read -r word; do
    [ "$word" = boot ] || continue
    switch_off
    switch_on "$@"
    echo "booted $leader"
done

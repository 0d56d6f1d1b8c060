using Bitcoin.Interfaces;
using Bitcoin.Wallet.Keys;

namespace Bitcoin.Wallet.Encryption;

/// <summary>Unlocks the keys of a wallet for a time, and locks them again. Used under the wallet's gate.</summary>
/// <param name="gate">The wallet's gate.</param>
/// <param name="chain">The chain, whose time counts.</param>
/// <param name="keys">The keys.</param>
/// <param name="needsKeys">Whether something runs that needs the unlocked keys.</param>
internal sealed class TimedUnlock(object gate, IChain chain, KeyRing keys, Func<bool> needsKeys) : IDisposable
{
    private const long MaxTimerSeconds = 30L * 24 * 60 * 60;

    private Timer? _timer;
    private long _secondsLeft;

    /// <summary>Seconds since 1970: when the keys are locked again; 0 while they are locked.</summary>
    internal long EndTime { get; private set; }

    /// <summary>Unlocks the keys. Returns false for a wrong passphrase.</summary>
    internal bool Unlock(ReadOnlySpan<byte> passphrase, long seconds)
    {
        if (!keys.Vault.Unlock(passphrase, keys.Opens))
        {
            return false;
        }

        keys.TopUp(0);
        long until = chain.GetTime() + seconds;
        EndTime = until;
        _secondsLeft = seconds;
        _timer?.Dispose();
        _timer = new Timer(_ =>
        {
            lock (gate)
            {
                if (EndTime == until)
                {
                    OnTimer(_secondsLeft -= MaxTimerSeconds);
                }
            }
        });
        Arm(seconds);
        return true;
    }

    /// <summary>Locks the keys.</summary>
    internal void Lock()
    {
        keys.Vault.Lock();
        EndTime = 0;
    }

    public void Dispose() => _timer?.Dispose();

    // A timer takes 49 days at most. While a rescan needs the keys, they stay unlocked.
    private void OnTimer(long left)
    {
        if (left > 0 || needsKeys())
        {
            Arm(Math.Max(left, 1));
        }
        else
        {
            Lock();
        }
    }

    private void Arm(long seconds)
        => _timer!.Change(TimeSpan.FromSeconds(Math.Min(seconds, MaxTimerSeconds)), Timeout.InfiniteTimeSpan);
}

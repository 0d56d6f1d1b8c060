using System.Net;
using Bitcoin.Rpc;
using Multiprocess.Tests.Support;

namespace Bitcoin.Tests;

internal sealed class PasswordDelayTests
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(250);
    private static readonly IPAddress s_guesser = IPAddress.Parse("10.0.0.1");

    private readonly ManualTime _time = new();

    [Test]
    public async Task Attempts_of_one_address_are_looked_at_one_by_one_however_many_come_at_once()
    {
        const int Guesses = 5;
        PasswordDelay delay = new(_time);
        int looked = 0;
        Task<bool>[] guesses = [.. Enumerable.Range(0, Guesses).Select(_ => delay.Try(s_guesser, Wrong, default))];

        for (int i = 1; i <= Guesses; i++)
        {
            Patience.Until(() => Volatile.Read(ref looked) == i, $"{i} are looked at");
            _time.AwaitTimer(s_delay);
            if (i < Guesses)
            {
                // The next one's wait, beside that of the answer to this one.
                Patience.Until(() => _time.Timers > 1, "the next one waits");
            }

            _time.Advance(s_delay - TimeSpan.FromTicks(1));
            Assert.That(looked, Is.EqualTo(i), "not yet");
            _time.Advance(TimeSpan.FromTicks(1));
        }

        foreach (Task<bool> guess in guesses)
        {
            Assert.That(await guess.WaitAsync(Patience.Bound), Is.False);
        }

        Assert.That(delay.Addresses, Is.Zero, "nothing is kept of them");

        bool Wrong()
        {
            Interlocked.Increment(ref looked);
            return false;
        }
    }

    [Test]
    public async Task An_address_waits_for_its_own_wrong_attempts_and_for_no_other_address()
    {
        PasswordDelay delay = new(_time);
        Task<bool> wrong = delay.Try(s_guesser, static () => false, default);
        Task<bool> right = delay.Try(s_guesser, static () => true, default);

        bool elsewhere = await delay.Try(IPAddress.Parse("10.0.0.2"), static () => true, default)
            .WaitAsync(Patience.Bound);

        Assert.That(elsewhere, Is.True);
        Assert.That((wrong.IsCompleted, right.IsCompleted), Is.EqualTo((false, false)));
        _time.Advance(s_delay);
        Assert.That(await right.WaitAsync(Patience.Bound), Is.True);
        Assert.That(await wrong.WaitAsync(Patience.Bound), Is.False);
    }

    [Test]
    public async Task Who_leaves_gives_up_the_place_and_is_waited_for_all_the_same()
    {
        PasswordDelay delay = new(_time);
        using CancellationTokenSource gone = new();
        Task<bool> wrong = delay.Try(s_guesser, static () => false, gone.Token);
        Task<bool>[] others =
            [.. Enumerable.Range(0, 1000).Select(_ => delay.Try(s_guesser, static () => false, gone.Token))];

        await gone.CancelAsync();

        foreach (Task<bool> left in (Task<bool>[])[wrong, .. others])
        {
            Assert.That(
                async () => await left.WaitAsync(Patience.Bound), Throws.InstanceOf<OperationCanceledException>());
        }

        // After the one that was looked at, not after a thousand that were not.
        Task<bool> right = delay.Try(s_guesser, static () => true, default);
        Assert.That(right.IsCompleted, Is.False);
        _time.Advance(s_delay);
        Assert.That(await right.WaitAsync(Patience.Bound), Is.True);
        Assert.That(delay.Addresses, Is.Zero);
    }

    [Test]
    public async Task Addresses_that_guess_once_and_leave_take_no_memory_for_long()
    {
        PasswordDelay delay = new(_time);
        using CancellationTokenSource gone = new();
        for (int i = 0; i < 5000; i++)
        {
            Task<bool> guess = delay.Try(new IPAddress(i), static () => false, gone.Token);
            await gone.CancelAsync();
            Assert.That(async () => await guess, Throws.InstanceOf<OperationCanceledException>());
            _time.Advance(s_delay);
            Assert.That(delay.Addresses, Is.LessThanOrEqualTo(1000));
            _ = gone.TryReset();
        }
    }
}

using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

/// <summary>Sequences, new ones and always the same one.</summary>
[IpcInterface]
public interface ISupply
{
    IAsyncEnumerable<int> Make(CancellationToken cancellationToken);

    Task<IAsyncEnumerable<int>> SameAsync(CancellationToken cancellationToken);

    /// <summary>How many of the tokens that came are cancelled.</summary>
    int Cancelled();
}

/// <summary>What is left of a call's token once the call was answered.</summary>
public sealed class LateCancelTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void Answered_calls_are_kept_until_what_they_returned_is_released()
    {
        IpcTestPair<ISupply> pair = Serve<ISupply>(new Supply());
        using var source = new CancellationTokenSource();
        List<IAsyncEnumerable<int>> made = [.. Enumerable.Range(0, 20).Select(_ => pair.Root.Make(source.Token))];
        Assert.That(pair.Server.Core.Channel.PeerCalls.Cancellable.KeptCount, Is.EqualTo(20));

        made.ForEach(items => IpcReference.Release(items));

        Patience.Until(
            () => pair.Server.Core.Channel.PeerCalls.Cancellable.KeptCount == 0 && pair.LiveObjects == 0,
            "nothing is kept");
        source.Cancel();
        Assert.That(pair.Root.Cancelled(), Is.Zero, "nobody is told of what was released");
    }

    [Test]
    public async Task Of_one_object_that_is_returned_again_and_again_the_last_calls_are_kept()
    {
        IpcTestPair<ISupply> pair = Serve<ISupply>(new Supply());
        using var source = new CancellationTokenSource();
        IAsyncEnumerable<int> same = await pair.Root.SameAsync(source.Token);
        for (int i = 0; i < 50; i++)
        {
            Assert.That(await pair.Root.SameAsync(source.Token), Is.SameAs(same));
        }

        Assert.That(pair.Server.Core.Channel.PeerCalls.Cancellable.KeptCount, Is.EqualTo(IpcReference.MaxLateCancels));
        source.Cancel();
        Patience.Until(() => pair.Root.Cancelled() == IpcReference.MaxLateCancels, "the last ones are told");
        IpcReference.Release(same);

        Patience.Until(() => pair.Server.Core.Channel.PeerCalls.Cancellable.KeptCount == 0, "nothing is kept");
    }

    [Test]
    public void A_token_that_cannot_be_cancelled_keeps_nothing()
    {
        IpcTestPair<ISupply> pair = Serve<ISupply>(new Supply());

        IAsyncEnumerable<int> items = pair.Root.Make(CancellationToken.None);

        Assert.That(pair.Server.Core.Channel.PeerCalls.Cancellable.KeptCount, Is.Zero);
        GC.KeepAlive(items);
    }

    [Test]
    public void A_lost_connection_cancels_the_tokens_that_were_kept()
    {
        var supply = new Supply();
        IpcTestPair<ISupply> pair = Serve<ISupply>(supply);
        using var source = new CancellationTokenSource();
        IAsyncEnumerable<int> items = pair.Root.Make(source.Token);

        pair.Client.Dispose();

        Patience.Until(() => supply.Cancelled() == 1, "the method's token is cancelled");
        source.Cancel();
        GC.KeepAlive(items);
    }

    private sealed class Supply : ISupply
    {
        private readonly List<CancellationToken> _tokens = [];
        private readonly IAsyncEnumerable<int> _same = Items();

        public IAsyncEnumerable<int> Make(CancellationToken cancellationToken)
        {
            Note(cancellationToken);
            return Items();
        }

        public Task<IAsyncEnumerable<int>> SameAsync(CancellationToken cancellationToken)
        {
            Note(cancellationToken);
            return Task.FromResult(_same);
        }

        public int Cancelled()
        {
            lock (_tokens)
            {
                return _tokens.Count(token => token.IsCancellationRequested);
            }
        }

        private static async IAsyncEnumerable<int> Items()
        {
            await Task.Yield();
            yield return 1;
        }

        private void Note(CancellationToken token)
        {
            lock (_tokens)
            {
                _tokens.Add(token);
            }
        }
    }
}

namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>What handlers behind a connection do otherwise than handlers in one process.</summary>
[CancelAfter(60_000)]
public sealed class EventProxyTests
{
    private readonly SourceHost _host = new();
    private readonly IpcTestPair<ISourceHost> _pair;

    public EventProxyTests() => _pair = IpcTestPair.Create<ISourceHost>(_host);

    [OneTimeTearDown]
    public void End() => _pair.Dispose();

    [Test]
    public void Sender_that_is_not_the_source_is_null()
    {
        using var source = _pair.Root.Make();
        object? heard = source;
        source.Raised += (sender, _) => heard = sender;

        source.RaiseFor(_pair.Root.Root);

        Assert.That(heard, Is.Null);
    }

    [Test]
    public async Task Senders_do_not_keep_objects_alive()
    {
        using var pair = IpcTestPair.Create<ISourceHost>(new SourceHost());
        using (var source = pair.Root.Make())
        {
            EventHandler handler = (_, _) => { };
            source.Raised += handler;
            source.Raise(1);
            source.Raise(2);
            source.Raised -= handler;
        }

        // The handler stays until its proxy is collected; the source goes when the release has arrived.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (pair.Server.LiveExports > 1)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.That(pair.Server.LiveExports, Is.EqualTo(1), "the root");
    }

    [Test]
    public async Task Raiser_of_a_one_way_event_does_not_wait()
    {
        using var source = _pair.Root.Make();
        using var release = new ManualResetEventSlim();
        var heard = new TaskCompletionSource<int>();
        Action<int> handler = value =>
        {
            release.Wait(TimeSpan.FromSeconds(30));
            heard.TrySetResult(value);
        };
        source.Posted += handler;

        _host.Last!.Raise(5);
        bool waited = heard.Task.IsCompleted;
        release.Set();

        Assert.That(waited, Is.False);
        Assert.That(await heard.Task.WaitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo(5));
    }

    [Test]
    public void Handler_whose_connection_is_gone_does_not_throw_into_the_raiser()
    {
        var host = new SourceHost();
        var pair = IpcTestPair.Create<ISourceHost>(host);
        var source = pair.Root.Make();
        int heard = 0;
        source.Heard += _ => { };
        source.Raised += (_, _) => { };
        source.Posted += _ => { };
        host.Last!.Heard += _ => heard++;
        pair.Dispose();

        host.Last.Raise(1);

        Assert.That(heard, Is.EqualTo(1));
    }
}

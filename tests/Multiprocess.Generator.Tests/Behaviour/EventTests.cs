namespace Multiprocess.Generator.Tests.Behaviour;

[IpcInterface]
public interface ISource : IDisposable
{
    event EventHandler? Raised;

    event EventHandler<MovedEventArgs>? Moved;

    [IpcOneWay]
    event Action<int>? Posted;

    event Action<int>? Heard;

    void Raise(int value);

    void RaiseFor(ISource sender);
}

[IpcInterface]
public interface ISourceHost
{
    ISource Make();

    ISource Root { get; }
}

internal sealed class Source : ISource
{
    public event EventHandler? Raised;

    public event EventHandler<MovedEventArgs>? Moved;

    public event Action<int>? Posted;

    public event Action<int>? Heard;

    public void Raise(int value)
    {
        Raised?.Invoke(this, EventArgs.Empty);
        Moved?.Invoke(this, new MovedEventArgs(value));
        Posted?.Invoke(value);
        Heard?.Invoke(value);
    }

    public void RaiseFor(ISource sender) => Raised?.Invoke(sender, EventArgs.Empty);

    public void Dispose()
    {
    }
}

internal sealed class SourceHost : ISourceHost
{
    private readonly Source _root = new();

    public ISource Root => _root;

    public Source? Last { get; private set; }

    public ISource Make() => Last = new Source();
}

/// <summary>Events: who the sender is, and what becomes of handlers.</summary>
[CancelAfter(60_000)]
public sealed class EventTests
{
    private readonly SourceHost _host = new();
    private readonly IpcTestPair<ISourceHost> _pair;

    public EventTests() => _pair = IpcTestPair.Create<ISourceHost>(_host);

    [OneTimeTearDown]
    public void End() => _pair.Dispose();

    [Test]
    public void Sender_is_the_object_whose_event_it_is()
    {
        using var a = _pair.Root.Make();
        using var b = _pair.Root.Make();
        var senders = new List<object?>();
        EventHandler handler = (sender, _) => senders.Add(sender);
        EventHandler<MovedEventArgs> moved = (sender, _) => senders.Add(sender);
        a.Raised += handler;
        b.Raised += handler;
        b.Moved += moved;

        a.Raise(1);
        b.Raise(2);

        Assert.That(senders, Has.Count.EqualTo(3));
        Assert.That(senders[0], Is.SameAs(a));
        Assert.That(senders[1], Is.SameAs(b));
        Assert.That(senders[2], Is.SameAs(b));
    }

    [Test]
    public void Sender_of_the_other_side_comes_home()
    {
        using var source = _pair.Root.Make();
        var own = new Source();
        object? heard = null;
        source.Raised += (sender, _) => heard = sender;

        source.RaiseFor(own);

        Assert.That(heard, Is.SameAs(own));
    }

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
    public void Senders_do_not_keep_objects_alive()
    {
        var before = _pair.LiveObjects;
        using (var source = _pair.Root.Make())
        {
            EventHandler handler = (_, _) => { };
            source.Raised += handler;
            source.Raise(1);
            source.Raise(2);
            source.Raised -= handler;
        }

        Assert.That(_pair.LiveObjects - before, Is.LessThanOrEqualTo(1), "the handler, until its proxy is collected");
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
    public void One_way_handler_is_removed_like_any_other()
    {
        using var source = _pair.Root.Make();
        int heard = 0;
        Action<int> handler = _ => Interlocked.Increment(ref heard);
        Action<int> waiting = _ => { };
        source.Posted += handler;
        source.Heard += waiting;
        source.Posted -= handler;

        source.Raise(1);
        source.Raise(2);

        Assert.That(heard, Is.Zero);
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

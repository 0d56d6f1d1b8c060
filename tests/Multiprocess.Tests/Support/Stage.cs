namespace Multiprocess.Tests.Support;

/// <summary>A contract whose methods do what each test says: the means to force an order of events.</summary>
[IpcInterface]
public interface IStage
{
    int Call(int x);

    int CallUntil(int x, CancellationToken cancellationToken);

    [IpcMethod(TimeoutMilliseconds = 1500)]
    int CallBounded(int x);

    int CallBack(int x, Func<int, int> callback);

    int CallBackUntil(int x, Func<int, int> callback, CancellationToken cancellationToken);

    Task<int> CallAsync(int x, CancellationToken cancellationToken = default);

    [IpcMethod(TimeoutMilliseconds = 1500)]
    Task<int> CallBoundedAsync(int x);

    Task<int> CallBackAsync(int x, Func<int, int> callback);

    [IpcOneWay]
    void Post(int x);

    void Keep(Func<int, int>? callback);

    int CallWithListener(IListener listener);
}

/// <summary>What is told without an answer.</summary>
[IpcInterface]
public interface IListener
{
    [IpcOneWay]
    void Tell(int x);

    int Ask(int x);
}

/// <summary>A stage on which each method runs a delegate of the test; by default it returns its argument.</summary>
internal sealed class Stage : IStage
{
    public Func<int, int> OnCall { get; set; } = x => x;

    public Func<int, CancellationToken, int> OnCallUntil { get; set; } = (x, _) => x;

    public Func<int, Func<int, int>, int> OnCallBack { get; set; } = (x, callback) => callback(x);

    public Func<int, CancellationToken, Task<int>> OnCallAsync { get; set; } = (x, _) => Task.FromResult(x);

    public Func<int, Func<int, int>, Task<int>> OnCallBackAsync { get; set; } = (x, callback)
        => Task.FromResult(callback(x));

    public Action<int> OnPost { get; set; } = _ => { };

    public Func<IListener, int> OnCallWithListener { get; set; } = listener => listener.Ask(1);

    /// <summary>The callback that the client left here.</summary>
    public Func<int, int>? Kept { get; private set; }

    public int Call(int x) => OnCall(x);

    public int CallUntil(int x, CancellationToken cancellationToken) => OnCallUntil(x, cancellationToken);

    public int CallBounded(int x) => OnCall(x);

    public int CallBack(int x, Func<int, int> callback) => OnCallBack(x, callback);

    public int CallBackUntil(int x, Func<int, int> callback, CancellationToken cancellationToken)
        => OnCallBack(x, callback);

    public Task<int> CallAsync(int x, CancellationToken cancellationToken) => OnCallAsync(x, cancellationToken);

    public Task<int> CallBoundedAsync(int x) => OnCallAsync(x, CancellationToken.None);

    public Task<int> CallBackAsync(int x, Func<int, int> callback) => OnCallBackAsync(x, callback);

    public void Post(int x) => OnPost(x);

    public void Keep(Func<int, int>? callback) => Kept = callback;

    public int CallWithListener(IListener listener) => OnCallWithListener(listener);
}

/// <summary>A listener that runs delegates of the test.</summary>
internal sealed class Listener : IListener
{
    public Action<int> OnTell { get; set; } = _ => { };

    public Func<int, int> OnAsk { get; set; } = x => x;

    public void Tell(int x) => OnTell(x);

    public int Ask(int x) => OnAsk(x);
}

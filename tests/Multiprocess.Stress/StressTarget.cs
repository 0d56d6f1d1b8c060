using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Multiprocess.Stress;

/// <summary>The side that is called.</summary>
internal sealed class StressTarget(IpcConnection connection, Action? stop = null) : IStress
{
    [ThreadStatic]
    private static int t_notes;

    [ThreadStatic]
    private static Func<int, int>? t_kept;

    private readonly Lazy<IpcChildProcess<IStress>> _child = new(
        () => IpcChildProcess.Spawn<IStress>(Environment.ProcessPath!));

    public event Action<int>? Raised;

    public int Handlers => Raised?.GetInvocationList().Length ?? 0;

    public int Add(int a, int b) => a + b;

    public byte[] Reverse(byte[] bytes)
    {
        Array.Reverse(bytes);
        return bytes;
    }

    public int Nest(int depth, Func<int, int> back) => OnOneThread(() => depth == 0 ? 0 : 1 + back(depth - 1));

    public int NestThroughChild(int depth, Func<int, int> back)
        => OnOneThread(() => _child.Value.Root.Nest(depth, rest => OnOneThread(() => back(rest))));

    public INode MakeNode(int value) => new Node { Value = value };

    public int Sum(IReadOnlyList<INode> nodes) => nodes.Sum(node => node.Value);

    public int Ask(INode node) => node.Value;

    public async Task<int> AddAsync(int a, int b, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return a + b;
    }

    public async Task<int> AskAsync(int value, Func<int, Task<int>> ask)
    {
        await Task.Yield();
        return await ask(value).ConfigureAwait(false) + await ask(value + 1).ConfigureAwait(false);
    }

    public int WaitForCancel(CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne();
        cancellationToken.ThrowIfCancellationRequested();
        return 0;
    }

    public void Hang() => Thread.Sleep(Timeout.Infinite);

    public int WaitTooLong()
    {
        CancellationToken cancellationToken = IpcCall.Current!.CancellationToken;
        cancellationToken.WaitHandle.WaitOne();
        throw new OperationCanceledException(cancellationToken);
    }

    public int Linger(Func<int, int> back, CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne();
        return back(1);
    }

    public int CallFromAnotherThread(int value, Func<int, int> back)
    {
        int answer = 0;
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                answer = back(value);
            }
            catch (Exception exception)
            {
                thrown = exception;
            }
        })
        {
            Name = StressState.CallerName,
        };
        thread.Start();
        thread.Join();
        return thrown is null ? answer : throw thrown;
    }

    public void Keep(Func<int, int>? callback) => t_kept = callback;

    public int CallKept(int value) => t_kept!(value);

    public void Note(int value) => t_notes += value;

    public int Notes()
    {
        int notes = t_notes;
        t_notes = 0;
        return notes;
    }

    public int Confide(SecretString secret)
    {
        using (secret)
        {
            return secret.Length;
        }
    }

    public int ConfideText(string secret) => secret.Length;

    public int ConfideJson(JsonNode secret) => secret.GetValue<string>().Length;

    public void Throw(string message)
    {
        if (stop is null || message != AsyncChild.Stop)
        {
            throw new InvalidOperationException(message);
        }

        stop();
    }

    public void Raise(int value) => Raised?.Invoke(value);

    public int ThreadId() => Environment.CurrentManagedThreadId;

    public string? Trace() => Activity.Current?.TraceId.ToHexString();

    public void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    public StressState State() => StressState.Of(connection, Handlers);

    private static int OnOneThread(Func<int> act)
    {
        int thread = Environment.CurrentManagedThreadId;
        int result = act();
        return thread == Environment.CurrentManagedThreadId ? result : -1;
    }
}

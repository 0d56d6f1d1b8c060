namespace Multiprocess.Stress;

/// <summary>One thread that calls at random and checks every answer against what it must be.</summary>
internal sealed class StressCaller
{
    private const int MaxNodes = 32;

    private readonly IStress _target;
    private readonly Random _random;
    private readonly List<(INode Node, int Value)> _nodes = [];
    private readonly List<Task> _tasks = [];
    private int _noted;
    private int _serverThread;

    public StressCaller(IStress target, int seed)
    {
        _target = target;
        _random = new Random(seed);
    }

    /// <summary>How many calls were made.</summary>
    public long Calls { get; private set; }

    /// <summary>Makes random calls until told to stop, then gives everything back.</summary>
    public void Run(Func<bool> stop)
    {
        _serverThread = _target.ThreadId();
        while (!stop())
        {
            Step();
            Calls++;
        }

        foreach ((INode node, _) in _nodes)
        {
            node.Dispose();
        }

        _target.Keep(null);
        Task.WaitAll([.. _tasks]);
    }

    private void Step()
    {
        int a = _random.Next();
        int b = _random.Next();
        switch (_random.Next(100))
        {
            case < 22:
                Check(_target.Add(a, b), unchecked(a + b), "Add");
                break;
            case < 26:
                Graph();
                break;
            case < 30:
                Borrow(a);
                break;
            case < 33:
                _tasks.Add(AskLater(a));
                break;
            case < 34:
                OtherThread(a);
                break;
            case < 40:
                KeptCallback(a);
                break;
            case < 50:
                Nest(_random.Next(12));
                break;
            case < 60:
                Nodes();
                break;
            case < 70:
                _tasks.Add(AddLater(a, b));
                if (_tasks.Count > 16)
                {
                    Task.WaitAll([.. _tasks]);
                    _tasks.Clear();
                }

                break;
            case < 76:
                Reverse(_random.Next(10) == 0 ? 1 << 20 : _random.Next(5000));
                break;
            case < 84:
                _target.Note(1);
                _noted++;
                break;
            case < 88:
                Check(_target.Notes(), _noted, "Notes");
                _noted = 0;
                break;
            case < 92:
                Throw($"number {a}");
                break;
            case < 96:
                Check(_target.ThreadId(), _serverThread, "ThreadId");
                break;
            case < 97:
                Events(a);
                break;
            default:
                GiveUp();
                break;
        }
    }

    private void Nest(int depth)
    {
        int thread = Environment.CurrentManagedThreadId;
        Func<int, int>? back = null;
        back = rest =>
        {
            Check(Environment.CurrentManagedThreadId, thread, "the thread of a nested callback");
            return rest == 0 ? 0 : 1 + _target.Nest(rest - 1, back!);
        };
        Check(_target.Nest(depth, back), depth, "Nest");
    }

    private void Nodes()
    {
        if (_nodes.Count < MaxNodes)
        {
            int value = _random.Next(1000);
            INode node = _target.MakeNode(value);
            Check(ReferenceEquals(node.Self(), node) ? 1 : 0, 1, "identity");
            _nodes.Add((node, value));
        }
        else
        {
            Check(_target.Sum([.. _nodes.Select(entry => entry.Node)]), _nodes.Sum(entry => entry.Value), "Sum");
            foreach ((INode node, _) in _nodes)
            {
                // Half are disposed, half are left to the collector.
                if (_random.Next(2) == 0)
                {
                    node.Dispose();
                }
            }

            _nodes.Clear();
        }
    }

    private async Task AddLater(int a, int b)
        => Check(await _target.AddAsync(a, b).ConfigureAwait(false), unchecked(a + b), "AddAsync");

    private void Reverse(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        byte[] reversed = _target.Reverse(bytes);
        Array.Reverse(reversed);
        Check(reversed.AsSpan().SequenceEqual(bytes) ? 1 : 0, 1, "Reverse");
    }

    private void Throw(string message)
    {
        try
        {
            _target.Throw(message);
        }
        catch (InvalidOperationException exception) when (exception.Message == message)
        {
            return;
        }

        throw new StressFailure("Throw did not throw.");
    }

    private void Events(int value)
    {
        // Other callers raise the event too, and their threads run this handler at the same time.
        int seen = -1;
        Action<int> handler = raised =>
        {
            if (raised == value)
            {
                Volatile.Write(ref seen, raised);
            }
        };
        _target.Raised += handler;
        _target.Raise(value);
        _target.Raised -= handler;
        Check(Volatile.Read(ref seen), value, "Raise");
    }

    /// <summary>
    /// Nodes of both sides, each connected with any other: a path goes back and forth, on one thread of each side.
    /// </summary>
    private void Graph()
    {
        int size = 2 + _random.Next(6);
        int[] values = [.. Enumerable.Range(0, size).Select(_ => _random.Next(1000))];
        int[] next = [.. Enumerable.Range(0, size).Select(_ => _random.Next(size))];
        INode[] nodes =
            [
                .. values.Select(value => _random.Next(2) == 0 ? _target.MakeNode(value) : new Node { Value = value }),
            ];
        for (int i = 0; i < size; i++)
        {
            nodes[i].Connect(nodes[next[i]]);
        }

        int at = _random.Next(size);
        INode start = nodes[at];
        int steps = _random.Next(16);
        int expected = 0;
        for (int i = 0; i < steps; i++)
        {
            expected += values[at];
            at = next[at];
        }

        Check(start.SumPath(steps), expected, "SumPath");

        // A cycle across processes is not collected.
        Array.ForEach(nodes, node => node.Connect(null));
        Array.ForEach(nodes, node => node.Dispose());
    }

    private void Borrow(int value)
    {
        var node = new Node { Value = value };
        Check(_target.Ask(node), value, "Ask");
    }

    private async Task AskLater(int value)
        => Check(
            await _target.AskAsync(value, async x =>
            {
                await Task.Yield();
                return x;
            }).ConfigureAwait(false),
            unchecked(value + value + 1),
            "AskAsync");

    private void OtherThread(int value)
    {
        int own = Environment.CurrentManagedThreadId;
        int ran = own;
        int answer = _target.CallFromAnotherThread(value, x =>
        {
            ran = Environment.CurrentManagedThreadId;
            return unchecked(x + 1);
        });
        Check(answer, unchecked(value + 1), "CallFromAnotherThread");
        Check(ran == own ? 1 : 0, 0, "whether a callback of another thread ran on the one that waits");
    }

    private void KeptCallback(int value)
    {
        int own = Environment.CurrentManagedThreadId;
        _target.Keep(x => Environment.CurrentManagedThreadId == own ? unchecked(x + value) : -1);
        Check(_target.CallKept(value), unchecked(value + value), "CallKept");
    }

    /// <summary>
    /// The caller cancels, or its time runs out; the method ends with it, or lingers and calls back too late.
    /// </summary>
    private void GiveUp()
    {
        // Not disposed: it is cancelled on another thread, perhaps after the call has ended.
        var source = new CancellationTokenSource();
        try
        {
            switch (_random.Next(3))
            {
                case 0:
                    _target.WaitTooLong();
                    break;
                case 1:
                    ThreadPool.QueueUserWorkItem(_ => source.Cancel());
                    _target.WaitForCancel(source.Token);
                    break;
                default:
                    ThreadPool.QueueUserWorkItem(_ => source.Cancel());
                    _target.Linger(x => x, source.Token);

                    // It called back, and answered, before the cancellation came here: that is allowed.
                    return;
            }

            throw new StressFailure("A call that waits for its end returned.");
        }
        catch (Exception exception) when (exception is OperationCanceledException or IpcTimeoutException)
        {
            // Abandoned or answered in time: in the first case the next call has a new worker, and its notes are gone.
            _serverThread = _target.ThreadId();
            _target.Notes();
            _noted = 0;
        }
    }

    private static void Check(int found, int expected, string what)
    {
        if (found != expected)
        {
            throw new StressFailure($"{what}: expected {expected}, got {found}.");
        }
    }
}

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>Messages and questions for the user, shown by all user interfaces that listen; there may be none.</summary>
public sealed class NodeMessages
{
    private ImmutableList<Action<string>> _init = [];
    private readonly Listeners<(string Message, bool IsError)> _boxes = new();
    private ImmutableList<Func<string, bool>> _questions = [];
    private readonly Listeners<IWalletLoader> _wallets = new();
    private ImmutableList<Action> _shutdown = [];
    private int _isShutDown;

    // Guarded by its own lock: what each source warns of, in the order in which it began.
    private readonly List<(string Source, string Text)> _warnings = [];

    /// <summary>The warnings that are in force, the latest last.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_warnings)
            {
                return [.. _warnings.Select(static warning => warning.Text)];
            }
        }
    }

    /// <summary>Adds a listener to the steps of the start.</summary>
    public IHandler OnInit(Action<string> listener)
        => Add(static (messages, change) => ImmutableInterlocked.Update(ref messages._init, change), listener);

    /// <summary>Adds a listener to warnings and errors.</summary>
    public IHandler OnMessage(Action<string, bool> listener) => _boxes.Add(box => listener(box.Message, box.IsError));

    /// <summary>Adds a listener that answers questions.</summary>
    public IHandler OnQuestion(Func<string, bool> listener)
        => Add(static (messages, change) => ImmutableInterlocked.Update(ref messages._questions, change), listener);

    /// <summary>Adds a listener to restarts of the wallets' process.</summary>
    public IHandler OnWallets(Action<IWalletLoader> listener) => _wallets.Add(listener);

    /// <summary>Adds a listener to the request to end: called once, at once if it came already.</summary>
    public IHandler OnShutdown(Action listener)
    {
        int told = 0;
        void TellOnce()
        {
            if (Interlocked.Exchange(ref told, 1) == 0)
            {
                listener();
            }
        }

        IHandler handler = Add(
            static (messages, change) => ImmutableInterlocked.Update(ref messages._shutdown, change), (Action)TellOnce);
        if (Volatile.Read(ref _isShutDown) != 0)
        {
            TellOnce();
        }

        return handler;
    }

    /// <summary>Reports a step of the start.</summary>
    public void Init(string message) => Tell(_init, listener => listener(message));

    /// <summary>Shows a warning or an error.</summary>
    public void Show(string message, bool isError)
    {
        if (!isError)
        {
            Replace("message", message);
        }

        _boxes.Tell((message, isError));
    }

    /// <summary>Shows a warning that is in force until its source takes it back; once, if it is repeated.</summary>
    public void Warn(string source, string text)
    {
        bool isNew;
        lock (_warnings)
        {
            isNew = !_warnings.Contains((source, text));
            if (isNew)
            {
                Replace(source, text);
            }
        }

        if (isNew)
        {
            _boxes.Tell((text, false));
        }
    }

    /// <summary>Takes a warning back.</summary>
    public void EndWarning(string source)
    {
        lock (_warnings)
        {
            _warnings.RemoveAll(warning => warning.Source == source);
        }
    }

    private void Replace(string source, string text)
    {
        lock (_warnings)
        {
            _warnings.RemoveAll(warning => warning.Source == source);
            _warnings.Add((source, text));
        }
    }

    /// <summary>Asks a question. The first yes counts; if nobody listens, the answer is no.</summary>
    public bool Ask(string question)
    {
        bool yes = false;
        Tell(_questions, listener => yes = yes || listener(question));
        return yes;
    }

    /// <summary>Reports that the wallets' process was restarted.</summary>
    public void Wallets(IWalletLoader wallets) => _wallets.Tell(wallets);

    /// <summary>Reports that the node was asked to end.</summary>
    public void Shutdown()
    {
        Volatile.Write(ref _isShutDown, 1);
        Tell(_shutdown, static listener => listener());
    }

    [SuppressMessage(
        "Design",
        "CA1031",
        Justification = "A user interface may be gone; that is no concern of the node.")]
    private static void Tell<T>(ImmutableList<T> listeners, Action<T> what)
    {
        foreach (T listener in listeners)
        {
            try
            {
                what(listener);
            }
            catch (Exception)
            {
                // Its handler is removed together with its connection.
            }
        }
    }

    private Registration Add<T>(Action<NodeMessages, Func<ImmutableList<T>, ImmutableList<T>>> update, T listener)
    {
        update(this, list => list.Add(listener));
        return new Registration(() => update(this, list => list.Remove(listener)));
    }

    private sealed class Registration(Action remove) : IHandler
    {
        public void Disconnect() => remove();

        public void Dispose() => remove();
    }
}

using System.Diagnostics;
using Multiprocess.Messages;

namespace Multiprocess.Threads;

/// <summary>A thread of calls that runs through both processes; one physical thread is bound to it on each side.</summary>
/// <remarks>
/// <para>
/// On the side that began it, it is bound to the client thread; on the other, to a worker made for it. What arrives for
/// it waits in its mailbox until that physical thread looks.
/// </para>
/// <para>
/// States: live; retired (a call on it was abandoned: nothing new is begun on it from here, but what is under way ends
/// on it); ended (both stacks are empty and the peer was told, or told us).
/// </para>
/// <para>Every field is guarded by the connection's gate, but for those that say otherwise.</para>
/// </remarks>
internal sealed class LogicalThread
{
    // Of the bound physical thread: its open requests, innermost last, and answers to outer ones that came early.
    private RequestStack _open = new();
    private List<Message>? _early;

    private Message? _first;
    private Message? _last;
    private HashSet<long>? _abandoned;
    private bool _retired;
    private int _abandonedCount;
    private long _innermost;
    private long _lastAnswered;
    private List<long>? _answeredBefore;
    private long _accepted;
    private long _answered;

    public LogicalThread(long id, Thread? owner)
    {
        Id = id;
        Owner = owner;
    }

    /// <summary>Positive when this side began the thread, negative when the peer did. Never changes.</summary>
    public long Id { get; }

    /// <summary>The client thread, on the side that began it. Never changes.</summary>
    public Thread? Owner { get; }

    /// <summary>The stack of the physical thread that calls on it, or runs calls. Set by that thread, read anywhere.</summary>
    public CallStack? Stack { get; set; }

    /// <summary>The name of the client thread, if it has one and the peer sent it.</summary>
    public string? Name { get; set; }

    /// <summary>What wakes the bound physical thread while it waits here; null while it does not.</summary>
    public Parker? Waiter { get; set; }

    /// <summary>True while it stands in the list of those that could be given the reading role.</summary>
    public bool IsListed { get; set; }

    /// <summary>When the bound thread last left a wait here, and how long it is expected to be away. Of the bound thread.</summary>
    public Absence Absence { get; } = new();

    /// <summary>What its bound thread found to do while it read. Of the bound thread.</summary>
    public RoutedWork Work { get; } = new();

    /// <summary>True once a call on it was abandoned on this side. Set under the gate, read by the bound thread without it.</summary>
    public bool IsRetired
    {
        get => Volatile.Read(ref _retired);
        set => Volatile.Write(ref _retired, value);
    }

    /// <summary>True once it is over: its worker leaves when it has nothing left to do.</summary>
    public bool IsEnded { get; set; }

    /// <summary>True while its bound thread waits for an answer, and so needs the peer to be read.</summary>
    public bool IsAwaitingAnswer { get; set; }

    /// <summary>True while nothing is in its mailbox.</summary>
    public bool IsMailboxEmpty => _first is null;

    /// <summary>True once a worker was started for it, on the side that did not begin it.</summary>
    public bool HasWorker { get; set; }

    /// <summary>How many calls of this side are open on it. Touched by the bound physical thread only.</summary>
    public int OpenRequests => _open.Count;

    /// <summary>True once the peer was told of it, or needs not be. Touched by the bound physical thread only.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>
    /// The thread for calls from inside a one-way call that runs while this one waits: they are no part of its stack.
    /// Touched by the bound physical thread only.
    /// </summary>
    public LogicalThread? Aside { get; set; }

    /// <summary>True while an abandoned call on it is still unanswered. May be read without the gate.</summary>
    public bool HasAbandoned => Volatile.Read(ref _abandonedCount) > 0;

    /// <summary>
    /// The innermost open request, or 0. Written by the bound physical thread, read by whoever routes: what a peer sends
    /// inside a request comes after the send of that request, and this is written before it.
    /// </summary>
    public long Innermost => Volatile.Read(ref _innermost);

    /// <summary>Notes that the bound physical thread will wait for <paramref name="request"/>. Before it is sent.</summary>
    public void Open(long request)
    {
        Debug.Assert(_innermost < request, "Requests of one thread are opened in their order.");
        _open.Push(request);
        Volatile.Write(ref _innermost, request);
    }

    /// <summary>Ends the innermost wait, if it is the one for <paramref name="request"/>: a request that could not be encoded was never opened.</summary>
    public void Close(long request)
    {
        Debug.Assert(_innermost == request || !_open.Contains(request), "A wait ends that is not the innermost one.");
        if (_innermost == request)
        {
            _open.Pop();
            Volatile.Write(ref _innermost, _open.Top);
        }
    }

    /// <summary>
    /// True when a call that the peer says it makes inside <paramref name="parent"/> (0 for none) may run here: exactly that
    /// request waits at this moment. Under the gate.
    /// </summary>
    public bool Accepts(long parent) => Innermost == parent && (parent == 0 ? Id < 0 : parent != _lastAnswered);

    /// <summary>
    /// True when the peer's requests and this side's alternate, as those of one line of calls do: the peer has one request
    /// open for each of this side's that it was called inside of, and none beside. Under the gate.
    /// </summary>
    public bool IsPeersTurn => _accepted - Volatile.Read(ref _answered) == OpenRequests - (Id > 0 ? 1 : 0);

    /// <summary>Notes that a request of the peer was accepted that will be answered. Under the gate.</summary>
    public void NoteAccepted() => _accepted++;

    /// <summary>Notes, before it is sent, an answer to the peer. By whoever answers.</summary>
    public void NoteAnswered() => Interlocked.Increment(ref _answered);

    /// <summary>
    /// Notes that the answer to <paramref name="request"/> has come: nothing more can be called inside it. Under the gate.
    /// </summary>
    /// <returns>False when it is not open, or was answered before.</returns>
    public bool TryNoteAnswer(long request)
    {
        if (request == _lastAnswered
            || (request != Innermost && !_open.MayContain(request))
            || (_answeredBefore is not null && _answeredBefore.Contains(request)))
        {
            return false;
        }

        // Answered and still open, because inner ones run: it must not be answered again behind this one.
        if (_lastAnswered != 0 && _open.MayContain(_lastAnswered))
        {
            _answeredBefore ??= [];
            _ = _answeredBefore.RemoveAll(answered => !_open.MayContain(answered));
            _answeredBefore.Add(_lastAnswered);
        }

        _lastAnswered = request;
        return true;
    }

    /// <summary>
    /// Keeps the answer to an outer request until the inner ones are done. It comes early when the peer abandoned a call
    /// of its own that still runs here.
    /// </summary>
    /// <returns>False when no such request is open.</returns>
    public bool TryKeepEarly(Message answer)
    {
        if (!_open.Contains(answer.Request))
        {
            return false;
        }

        (_early ??= []).Add(answer);
        return true;
    }

    /// <summary>Takes the answer to <paramref name="request"/> if it came early.</summary>
    public Message? TakeEarly(long request)
    {
        for (int i = 0; _early is not null && i < _early.Count; i++)
        {
            if (_early[i].Request == request)
            {
                Message answer = _early[i];
                _early.RemoveAt(i);
                return answer;
            }
        }

        return null;
    }

    /// <summary>Adds a message and returns whom to wake, outside the gate.</summary>
    public Parker? Post(Message message)
    {
        if (_last is null)
        {
            _first = message;
        }
        else
        {
            _last.Next = message;
        }

        _last = message;
        Parker? waiter = Waiter;
        Waiter = null;
        return waiter;
    }

    /// <summary>Takes the oldest message, or null.</summary>
    public Message? Take()
    {
        Message? message = _first;
        if (message is not null)
        {
            _first = message.Next;
            message.Next = null;
            if (_first is null)
            {
                _last = null;
            }
        }

        return message;
    }

    /// <summary>Notes that nobody waits for <paramref name="request"/> any more, although the peer will still answer it.</summary>
    public void Abandon(long request)
    {
        (_abandoned ??= []).Add(request);
        Volatile.Write(ref _abandonedCount, _abandoned.Count);
    }

    /// <summary>True when <paramref name="request"/> was abandoned and is not answered yet.</summary>
    public bool IsAbandoned(long request) => _abandoned is not null && _abandoned.Contains(request);

    /// <summary>Notes that an abandoned request was answered.</summary>
    public void Answered(long request)
    {
        if (_abandoned is not null && _abandoned.Remove(request))
        {
            Volatile.Write(ref _abandonedCount, _abandoned.Count);
        }
    }
}

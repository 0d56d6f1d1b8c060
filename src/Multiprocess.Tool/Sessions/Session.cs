using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tool.Contracts;
using Multiprocess.Tool.Values;

namespace Multiprocess.Tool.Sessions;

/// <summary>Calls a server by its description, without its contracts compiled in. One thread only.</summary>
/// <remarks>
/// All synchronous calls are on one logical thread, number 1. Calls of the server are answered at once, by objects that
/// print, so the session waits only for the server.
/// </remarks>
internal sealed class Session : IDisposable
{
    private const long Thread = 1;

    // After a cancellation, the callee still answers. If it does not, the session stops waiting.
    private static readonly TimeSpan s_cancelPatience = TimeSpan.FromSeconds(5);

    private readonly WireConnection _wire;
    private readonly Dictionary<long, LocalObject> _local = [];
    private readonly Dictionary<long, (TypeName Type, long Count)> _remote = [];
    private readonly ValueReader _reader;
    // Set when the message that is being written contains a reference to one of the server's objects.
    private bool _bringsHome;
    private long _requests;
    private long _handles = ExportTable.RootHandle;

    private Session(WireConnection wire, ContractBook book)
    {
        _wire = wire;
        Book = book;
        _reader = new ValueReader(book, Arrived);
        Writer = new ValueWriter(book, Pass);
    }

    /// <summary>The server's description.</summary>
    public ContractBook Book { get; }

    /// <summary>Writes arguments.</summary>
    public ValueWriter Writer { get; }

    /// <summary>The contract of the root.</summary>
    public Contract Root
        => Book.FindContract(_wire.Server.Serves ?? "")
            ?? throw new IpcProtocolException(
                $"The server's description: Expected the contract {IpcText.Escape(_wire.Server.Serves)}, got none.");

    /// <summary>
    /// Called when the server calls an object of this side, with the object's name, the method of an interface, and the
    /// arguments.
    /// </summary>
    public Action<string, string?, JsonObject>? OnCalled { get; set; }

    /// <summary>The server's objects that this side holds, by handle.</summary>
    public IEnumerable<(long Handle, TypeName Type)> Objects => _remote.Select(entry => (entry.Key, entry.Value.Type));

    /// <summary>Connects to a server and asks for its root.</summary>
    public static Session Open(IpcAddress address, IpcConnectionOptions options, Inspection.Described described)
        => new(
            WireConnection.Open(address, options, _ => (described.Contract, described.Fingerprint)),
            new ContractBook(described.Text));

    /// <summary>The contract of one of the server's objects; the root's handle is 1.</summary>
    /// <exception cref="InputException">No object has the handle, or its contract cannot be called.</exception>
    public Contract ContractOf(long handle)
        => handle == ExportTable.RootHandle ? Root
            : !_remote.TryGetValue(handle, out (TypeName Type, long Count) entry) ? throw new InputException(
                $"#{handle}: Expected an object that the server has handed out, got {Known()}.")
            : Book.FindContract(entry.Type)
                ?? throw new InputException(
                    $"#{handle}: Expected an object with methods, got a {entry.Type}.");

    /// <summary>Calls a method and waits for its answer.</summary>
    /// <param name="handle">The object; 1 is the root.</param>
    /// <param name="method">The method.</param>
    /// <param name="arguments">The arguments to send, by name.</param>
    /// <param name="cancellationToken">Cancels the call, then waits a moment for the callee's answer.</param>
    /// <returns>The results by name: <c>result</c>, and the values of <c>ref</c> and <c>out</c> parameters.</returns>
    /// <exception cref="RemoteCallException">The callee answered with an error.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled, and the callee did not answer.</exception>
    public JsonObject Call(
        long handle,
        Method method,
        IReadOnlyDictionary<string, JsonNode?> arguments,
        CancellationToken cancellationToken)
    {
        Parameter[] sent = [.. method.Sent];
        IEnumerable<(string, Place)> results =
            [
                .. method.Returned is { } returned ? [("result", returned)] : Array.Empty<(string, Place)>(),
                .. method.Back.Select(parameter => (parameter.Name, (Place)parameter)),
            ];
        MessageFlags flags = (method.IsAsynchronous ? MessageFlags.Asynchronous : MessageFlags.None)
            | (method.IsOneWay ? MessageFlags.OneWay : MessageFlags.Cancellable)
            | (method.Disposes ? MessageFlags.Disposes : MessageFlags.None);
        long request = Send(handle, method.Id, flags, (ref MessagePackWriter writer) =>
        {
            writer.WriteArrayHeader(sent.Length);
            foreach (Parameter parameter in sent)
            {
                if (parameter.Passing == Passing.Sender)
                {
                    writer.WriteNil();
                }
                else
                {
                    Writer.Write(ref writer, arguments.GetValueOrDefault(parameter.Name), parameter, parameter.Name);
                }
            }
        });
        if (method.IsOneWay)
        {
            return [];
        }

        Message answer = Await(request, method.IsAsynchronous, cancellationToken);
        var reader = new MessagePackReader(answer.Body);
        return ReadPlaces(ref reader, results);
    }

    /// <summary>Calls a method of one of the protocol's own contracts, and returns its results unchanged.</summary>
    public JsonArray CallRaw(
        long handle,
        uint method,
        bool isAsynchronous,
        WriteMessage arguments,
        CancellationToken cancellationToken,
        TypeName? element = null)
    {
        long request = Send(
            handle,
            method,
            (isAsynchronous ? MessageFlags.Asynchronous : MessageFlags.None) | MessageFlags.Cancellable,
            arguments);
        Message answer = Await(request, isAsynchronous, cancellationToken);
        var reader = new MessagePackReader(answer.Body);
        if (element is null)
        {
            var any = new JsonArray();
            for (int left = reader.ReadStrictArrayHeader(); left > 0; left--)
            {
                any.Add(
                    IsReference(ref reader)
                        ? Arrived(ReferenceFormat.Read(ref reader), TypeName.Void)
                        : ValueReader.ReadAny(ref reader));
            }

            return any;
        }

        // A batch of a sequence: [[items…], isLast].
        reader.ReadStrictArrayHeader();
        reader.ReadStrictArrayHeader();
        var items = new JsonArray();
        for (int left = reader.ReadStrictArrayHeader(); left > 0; left--)
        {
            items.Add(_reader.Read(ref reader, new Place(element, false, false)));
        }

        return new JsonArray(items, JsonValue.Create(reader.ReadStrictBoolean()));
    }

    /// <summary>Enumerates one of the server's sequences.</summary>
    /// <param name="handle">The sequence.</param>
    /// <param name="element">The type of its items.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public IEnumerable<JsonNode?> Enumerate(long handle, TypeName element, CancellationToken cancellationToken)
    {
        const int most = 256;
        JsonArray begun = CallRaw(
            handle, 1, false, (ref MessagePackWriter writer) => writer.WriteArrayHeader(0), cancellationToken);
        long enumeration = HandleOf(begun[0])
            ?? throw new IpcProtocolException(
                "A sequence: Expected a reference to its enumeration, got another value.");
        bool isLast = false;
        while (!isLast)
        {
            JsonArray batch = CallRaw(enumeration, 1, true, (ref MessagePackWriter writer) =>
            {
                writer.WriteArrayHeader(1);
                writer.Write(most);
            }, cancellationToken, element);
            foreach (JsonNode? item in batch[0]!.AsArray())
            {
                yield return item;
            }

            isLast = batch[1]!.GetValue<bool>();
        }
    }

    /// <summary>Answers the server's calls until cancelled, or until the time is over.</summary>
    /// <returns>False if the time was over first.</returns>
    public bool Listen(TimeSpan limit, CancellationToken cancellationToken)
    {
        long end = limit == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (!cancellationToken.IsCancellationRequested)
        {
            long left = end == long.MaxValue ? 1000 : end - Environment.TickCount64;
            if (left <= 0)
            {
                return false;
            }

            if (_wire.Receive(TimeSpan.FromMilliseconds(left), cancellationToken) is { } message)
            {
                Handle(message);
            }
        }

        return true;
    }

    /// <summary>Releases all references to an object.</summary>
    public void Release(long handle)
    {
        if (!_remote.Remove(handle, out (TypeName Type, long Count) entry))
        {
            throw new InputException(
                $"#{handle}: Expected an object that the server has handed out, got {Known()}.");
        }

        _wire.Send((ref MessagePackWriter writer) => ReleaseMessage.Write(ref writer, handle, entry.Count));
    }

    public void Dispose() => _wire.Dispose();

    /// <summary>Exports an object of this side.</summary>
    /// <returns>Its handle.</returns>
    internal long Export(LocalObject local)
    {
        _local.Add(++_handles, local);
        local.Count++;
        return _handles;
    }

    internal void Called(string name, string? method, JsonObject arguments)
        => OnCalled?.Invoke(name, method, arguments);

    /// <summary>
    /// Reads an array of values into an object with a name for each. Values that a later version appended are skipped.
    /// </summary>
    internal JsonObject ReadPlaces(
        ref MessagePackReader reader, IEnumerable<(string Name, Place Place)> places, bool hasSender = false)
    {
        var values = new JsonObject();
        int left = reader.ReadStrictArrayHeader();
        if (hasSender && left-- > 0)
        {
            _ = IsReference(ref reader)
                ? Arrived(ReferenceFormat.Read(ref reader), TypeName.Void)
                : ValueReader.ReadAny(ref reader);
        }

        foreach ((string name, Place place) in places)
        {
            if (left-- <= 0)
            {
                throw new IpcProtocolException($"{name}: Expected a value, got none.");
            }

            values[name] = _reader.Read(ref reader, place);
        }

        return values;
    }

    internal void AnswerResults(Message call, IReadOnlyList<Place> places, IEnumerable<JsonNode?> values)
        => AnswerWith(call, (ref MessagePackWriter writer) =>
        {
            writer.WriteArrayHeader(places.Count);
            foreach ((Place place, JsonNode? value) in places.Zip(values))
            {
                Writer.Write(ref writer, value, place, "result");
            }
        });

    internal void AnswerWith(Message call, WriteMessage results)
    {
        (long thread, long request) = (ThreadOf(call), call.Request);
        SendBody((ref MessagePackWriter writer) =>
        {
            ReturnMessage.Write(ref writer, thread, request);
            results(ref writer);
        });
    }

    internal void AnswerError(Message call, IpcErrorKind kind, string type, string text)
    {
        (long thread, long request) = (ThreadOf(call), call.Request);
        _wire.Send((ref MessagePackWriter writer) =>
        {
            ErrorMessage.Write(ref writer, thread, request, kind);
            writer.WriteArrayHeader(5);
            writer.WriteStrict(type);
            writer.WriteStrict(text);
            writer.WriteNil();
            writer.WriteNil();
            writer.WriteNil();
        });
    }

    /// <summary>The handle in the JSON form of a reference; null for any other value.</summary>
    public static long? HandleOf(JsonNode? value)
        => value is JsonObject reference && reference["$ref"] is JsonValue text && text.TryGetValue(out string? name)
            && name.StartsWith('#')
                && long.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out long handle)
                ? handle
                : null;

    private static long ThreadOf(Message call) => call.Flags.HasFlag(MessageFlags.Asynchronous) ? 0 : call.Thread;

    private static bool IsReference(ref MessagePackReader reader)
        => reader.PeekStrictType() == MessagePackType.Extension
            && reader.PeekStrictExtension().TypeCode == ReferenceFormat.ExtensionType;

    private string Known()
        => _remote.Count == 0 ? "none" : string.Join(", ", _remote.Keys.Order().Select(handle => $"#{handle}"));

    private void SendBody(WriteMessage write)
    {
        _bringsHome = false;
        _wire.Send(write, () => _bringsHome);
    }

    private long Send(long handle, uint method, MessageFlags flags, WriteMessage arguments)
    {
        long request = ++_requests;
        List<long> before = [.. _local.Keys];
        try
        {
            SendBody((ref MessagePackWriter writer) =>
            {
                CallMessage.Write(ref writer, flags, Thread, request, parent: 0, handle, method);
                arguments(ref writer);
            });
        }
        catch (InputException)
        {
            // Nothing was sent, so the objects that were exported for the call are taken back.
            foreach (long exported in _local.Keys.Except(before).ToArray())
            {
                _local.Remove(exported);
            }

            throw;
        }

        return request;
    }

    private Message Await(long request, bool isAsynchronous, CancellationToken cancellationToken)
    {
        bool isCancelled = false;
        while (true)
        {
            Message? message = isCancelled
                ? _wire.Receive(s_cancelPatience, CancellationToken.None)
                : _wire.Receive(Timeout.InfiniteTimeSpan, cancellationToken);
            if (message is null)
            {
                if (isCancelled)
                {
                    throw new OperationCanceledException(
                        "The call was cancelled, and was not answered. It may still run.");
                }

                isCancelled = true;
                _wire.Send(
                    (ref MessagePackWriter writer) => CancelMessage.Write(
                        ref writer, isAsynchronous ? 0 : Thread, request));
            }
            else if (message.Type is MessageType.Return or MessageType.Error && message.Request == request)
            {
                return message.Type == MessageType.Return ? message
                    : isCancelled ? throw new OperationCanceledException("The call was cancelled.")
                    : throw ErrorOf(message);
            }
            else
            {
                Handle(message);
            }
        }
    }

    private static RemoteCallException ErrorOf(Message message)
    {
        var reader = new MessagePackReader(message.Body);
        IpcErrorKind kind = ErrorMessage.ReadKind(ref reader);
        return new RemoteCallException(RemoteError.Read(kind, ValueReader.ReadAny(ref reader)));
    }

    private void Handle(Message message)
    {
        switch (message.Type)
        {
            case MessageType.Goodbye:
                throw GoodbyeMessage.Read(message);
            case MessageType.Call when _local.TryGetValue(message.Target, out LocalObject? called):
                called.Answer(this, message);
                break;
            case MessageType.Call:
                throw new IpcProtocolException(
                    $"A call of the server: Expected an object that it holds, got handle {message.Target}.");
            case MessageType.Release:
                ReleaseMessage.Read(message, out long handle, out long count);
                if (_local.TryGetValue(handle, out LocalObject? released) && (released.Count -= count) <= 0)
                {
                    _local.Remove(handle);
                }

                break;
            default:
                // Messages about threads and shapes of the server, and answers to calls that nobody waits for.
                break;
        }
    }

    private JsonNode? Arrived(long handle, TypeName type)
    {
        if (handle < 0)
        {
            return new JsonObject { ["$local"] = $"#{-handle}" };
        }

        long count = _remote.TryGetValue(handle, out (TypeName Type, long Count) known) ? known.Count : 0;
        _remote[handle] = (count > 0 && known.Type.Name != "System.Void"
            ? known.Type
            : type with { IsNullable = false }, count + 1);
        return new JsonObject { ["$ref"] = $"#{handle}", ["contract"] = _remote[handle].Type.Key };
    }

    private long Home(long handle)
    {
        _bringsHome = true;
        return -handle;
    }

    /// <summary>
    /// The handle for the JSON form of a reference: the number of one of the server's objects, or a new object of this
    /// side.
    /// </summary>
    private long Pass(JsonNode value, TypeName type)
    {
        if (value is JsonValue text && text.TryGetValue(out string? name) && name.StartsWith('#'))
        {
            return long.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out long handle)
                && (_remote.ContainsKey(handle) || handle == ExportTable.RootHandle)
                ? Home(handle)
                : throw new InputException(
                    $"{name}: Expected an object that the server has handed out, got {Known()}.");
        }

        if (HandleOf(value) is { } given)
        {
            return Pass(JsonValue.Create($"#{given}"), type);
        }

        return type.Name switch
        {
            "System.Collections.Generic.IAsyncEnumerable" => Export(
                new LocalSequence(value.AsArray(), type.Arguments[0], isEnumeration: false)),
            "System.IO.Stream" => Export(new LocalStream(Convert.FromBase64String(value.GetValue<string>()))),
            _ when Book.FindContract(type) is { } contract => Export(new Printer(
                contract,
                value is JsonObject named
                    ? named["$print"]?.GetValue<string>() ?? "printer"
                    : value.GetValueKind() == JsonValueKind.String
                    ? value.GetValue<string>()
                    : "printer",
                (value as JsonObject)?["$return"])),
            _ => throw new InputException($"A {type} cannot be passed from the command line."),
        };
    }
}

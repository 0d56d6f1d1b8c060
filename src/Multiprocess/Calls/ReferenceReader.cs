using Multiprocess.Generated;
using Multiprocess.Objects;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Calls;

/// <summary>Reads the object references of one message.</summary>
internal sealed class ReferenceReader : IpcReadContext
{
    private readonly CallChannel _channel;
    private List<IpcProxy>? _borrowed;
    private List<IpcReference>? _arrived;
    private bool _notesArrivals;
    private bool _bringsHome;
    private MessageDescriptors? _descriptors;
    private List<IDisposable>? _opened;

    public ReferenceReader(CallChannel channel)
    {
        _channel = channel;
        MaxDepth = channel.Limits.MaxDepth;
        Formatting = channel.Options.MessagePack;
    }

    /// <summary>Begins a message.</summary>
    /// <param name="message">
    /// The message. Its flags tell whether it brings objects of this side home.
    /// </param>
    public void Begin(Message message)
    {
        _bringsHome = (message.Flags & MessageFlags.BringsHome) != 0;
        _descriptors = ((ReceivedMessage)message).Descriptors;
        _opened = null;
        _borrowed = null;
        _arrived = null;
        _notesArrivals = false;
        Reset(_channel.Limits.MaxDecodedBytes);
    }

    /// <summary>
    /// Records the references in the message, because the token of its call stays in use after the answer.
    /// </summary>
    public void NoteArrivals() => _notesArrivals = true;

    /// <summary>
    /// Returns, once, the references that arrived since <see cref="NoteArrivals"/>; null when there are none.
    /// </summary>
    public List<IpcReference>? TakeArrived()
    {
        List<IpcReference>? arrived = _arrived;
        _arrived = null;
        return arrived;
    }

    public override int ReadDescriptor(ref MessagePackReader reader)
    {
        long place = DescriptorFormat.Read(ref reader);
        return _descriptors?.Take(place)
            ?? throw new IpcProtocolException($"Descriptor: Expected none in this message, got number {place}.")
            {
                At = -1,
            };
    }

    internal override void NoteOpened(IDisposable value) => (_opened ??= []).Add(value);

    /// <summary>
    /// Disposes the objects that were opened over descriptors, because the rest of the message cannot be read.
    /// </summary>
    public void DisposeOpened()
    {
        _opened?.ForEach(value => value.Dispose());
        _opened = null;
    }

    public override void Borrow(object value)
    {
        // An object of this side that came home is not borrowed.
        if (IpcProxy.Behind(value) is { } proxy && proxy.Reference.Channel == _channel)
        {
            (_borrowed ??= []).Add(proxy);
        }
    }

    /// <summary>Returns, once, the proxies that the message lends to its call; null when there are none.</summary>
    public List<IpcProxy>? TakeBorrowed()
    {
        List<IpcProxy>? borrowed = _borrowed;
        _borrowed = null;
        return borrowed;
    }

    /// <summary>
    /// Reads a reference to the object whose event was raised; null when this side no longer holds it.
    /// </summary>
    public object? ReadSource(ref MessagePackReader reader)
    {
        if (reader.TryReadStrictNil())
        {
            return null;
        }

        long handle = ReadHandle(ref reader);
        if (handle < 0)
        {
            return _channel.Objects.Exports.Get(-handle).Target;
        }

        if (_channel.Objects.Imports.TryAcquire(handle) is { } proxy)
        {
            return proxy.Face;
        }

        // This side released the object while the message was on its way.
        _channel.Control.SendRelease(handle);
        return null;
    }

    public override T? ReadReference<T>(ref MessagePackReader reader) where T : class
        => reader.TryReadStrictNil() ? null : Read(ref reader, ContractBinding<T>.Instance);

    public override T? ReadReference<T, TStub>(ref MessagePackReader reader) where T : class
        => reader.TryReadStrictNil() ? null : Read(ref reader, ContractBinding<T>.Of<TStub>());

    private T Read<T>(ref MessagePackReader reader, ContractBinding<T> contract) where T : class
    {
        long handle = ReadHandle(ref reader);
        if (handle > 0)
        {
            IpcProxy proxy = _channel.Objects.Imports.Acquire(handle, contract, _channel);
            if (_notesArrivals && proxy.Reference.CanEnd)
            {
                (_arrived ??= []).Add(proxy.Reference);
            }

            return (T)proxy.Face;
        }

        // An object of this side comes home. The peer may use it only as the type under which it received it, or as a
        // base type of it.
        Export export = _channel.Objects.Exports.Get(-handle);
        return contract.Type.IsAssignableFrom(export.Contract.Type) && export.Target is T target
            ? target
            : throw new IpcProtocolException(
                $"Object {-handle} that comes home: Expected {export.Contract.Name}, got {contract.Name}.")
            {
                At = -1,
            };
    }

    /// <summary>
    /// Reads a handle. A message without the flag must not bring objects home: the objects could have been released
    /// after it.
    /// </summary>
    private long ReadHandle(ref MessagePackReader reader)
    {
        long handle = ReferenceFormat.Read(ref reader);
        return handle > 0 || _bringsHome
            ? handle
            : throw new IpcProtocolException(
                $"Object {-handle} that comes home: Expected the flag BringsHome in its message, got none.");
    }
}

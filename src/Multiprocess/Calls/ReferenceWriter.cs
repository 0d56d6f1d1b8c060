using System.Runtime.InteropServices;
using Multiprocess.Buffers;
using Multiprocess.Generated;
using Multiprocess.Messages;
using Multiprocess.Native;
using Multiprocess.Objects;
using Multiprocess.Serialization;
using Multiprocess.Transports;

namespace Multiprocess.Calls;

/// <summary>Writes the object references of one message, and releases them if the message is never sent.</summary>
internal sealed class ReferenceWriter : IpcWriteContext
{
    private readonly CallChannel _channel;
    private readonly PooledBufferWriter _output;
    private readonly List<long> _acquired = [];

    // Proxies that the message brings home. They must not be released before the message is sent, even if they are
    // collected or disposed meanwhile.
    private readonly List<IpcProxy> _kept = [];
    private bool _asResult;

    // Duplicates of the descriptors in the message; created with the first one.
    private List<NativeHandle>? _descriptors;

    public ReferenceWriter(CallChannel channel, PooledBufferWriter output)
    {
        _channel = channel;
        _output = output;
        Output = output;
        MaxDepth = channel.Limits.MaxDepth;
        Formatting = channel.Options.MessagePack;
    }

    /// <summary>True when the message holds references to the receiver's own objects.</summary>
    public bool BringsHome => _kept.Count > 0;

    /// <summary>Handles of this side's objects in the message.</summary>
    public IReadOnlyList<long> HandedOut => _acquired;

    /// <summary>Begins a message.</summary>
    /// <param name="asResult">True when the receiver owns the disposable objects in the message.</param>
    public void Begin(bool asResult)
    {
        Reset();
        _asResult = asResult;
    }

    public override int DescriptorCount => _descriptors?.Count ?? 0;

    public override void MarkSensitive()
    {
        base.MarkSensitive();
        _output.IsSensitive = true;
    }

    public override void WriteReference<T>(ref MessagePackWriter writer, T? value) where T : class
        => WriteReference(ref writer, value, value is null ? null : ContractBinding<T>.Instance);

    public override void WriteReference<T, TStub>(ref MessagePackWriter writer, T? value) where T : class
        => WriteReference(ref writer, value, ContractBinding<T>.Of<TStub>());

    private void WriteReference(ref MessagePackWriter writer, object? value, ContractBinding? contract)
    {
        if (value is null || contract is null)
        {
            writer.WriteNil();
            return;
        }

        if (IpcProxy.Behind(value) is { } proxy && proxy.Reference.Channel == _channel)
        {
            if (!TryWriteHome(ref writer, proxy))
            {
                throw proxy.Reference.Ended("It cannot be sent.");
            }

            return;
        }

        long handle;
        try
        {
            handle = _channel.Objects.Exports.Acquire(value, contract, _asResult || contract.IsHandedOver);
        }
        catch (IpcDisconnectedException) when (_asResult && contract.IsDisposable)
        {
            // The object was created for a peer that is gone: disposed like the exported objects at the end of the
            // connection.
            if (_channel.Objects.Exports.IsLate(value))
            {
                _channel.Objects.Orphans.Dispose(value, contract);
            }

            throw;
        }

        _acquired.Add(handle);
        ReferenceFormat.Write(ref writer, handle);
    }

    /// <summary>
    /// Writes a reference to the object whose event is raised, if the peer holds or owns this object. Otherwise writes
    /// nil.
    /// </summary>
    public void WriteSource(ref MessagePackWriter writer, object? sender, IReadOnlyList<Export> sources)
    {
        if (sender is IpcProxy proxy && proxy.Reference.Channel == _channel && TryWriteHome(ref writer, proxy))
        {
            return;
        }

        foreach (Export source in sources)
        {
            if (ReferenceEquals(source.Target, sender) && _channel.Objects.Exports.TryAcquire(source))
            {
                _acquired.Add(source.Handle);
                ReferenceFormat.Write(ref writer, source.Handle);
                return;
            }
        }

        writer.WriteNil();
    }

    public override void WriteDescriptor(ref MessagePackWriter writer, SafeHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        _channel.Descriptors.CheckRoom(DescriptorCount);
        bool added = false;
        int duplicate;
        int error;
        try
        {
            handle.DangerousAddRef(ref added);
            duplicate = NativeDescriptors.Duplicate((int)handle.DangerousGetHandle());
            error = Errno.Last;
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }

        if (duplicate < 0)
        {
            throw error is Errno.TooManyOpenFiles or Errno.SystemFileTableFull
                ? new IpcException(
                    IpcErrorKind.LimitExceeded,
                    $"The system gave no duplicate of the descriptor: {Errno.Describe(error)}.")
                : Errno.Exception($"Duplicating descriptor {handle.DangerousGetHandle()}", error);
        }

        DescriptorFormat.Write(ref writer, DescriptorCount);
        (_descriptors ??= []).Add(new NativeHandle(duplicate));
    }

    /// <summary>
    /// Inserts a Descriptors message before the message in the buffer, if the message has descriptors.
    /// </summary>
    /// <param name="start">Where the message begins in the buffer.</param>
    /// <param name="sentFrom">Where the bytes to be sent begin in the buffer.</param>
    /// <returns>
    /// Must be called, before the first byte is sent, with the position of these bytes in the stream; null when there
    /// are no descriptors.
    /// </returns>
    public Action<long>? Announce(int start, int sentFrom)
    {
        if (_descriptors is not { Count: > 0 } descriptors)
        {
            return null;
        }

        using var announcement = new PooledBufferWriter(DescriptorsMessage.MostBytes);
        var writer = new MessagePackWriter(announcement);
        DescriptorsMessage.Write(ref writer, descriptors.Count);
        writer.Flush();
        MessageFormat.End(announcement.Written);
        _output.Insert(start, announcement.WrittenSpan);
        return position =>
        {
            NativeHandle[] passed = [.. descriptors];
            descriptors.Clear();
            _channel.Descriptors.Pass(position + start - sentFrom, passed);
        };
    }

    /// <summary>Keeps the references after the message was handed to the sender: the peer holds them now.</summary>
    public void Commit()
    {
        _acquired.Clear();
        if (_kept.Count > 0)
        {
            LetGo();
        }

        if (_descriptors is { Count: > 0 })
        {
            CloseDescriptors();
        }
    }

    /// <summary>Releases the references of a message that will not be sent.</summary>
    public void Rollback()
    {
        foreach (long handle in _acquired)
        {
            _channel.Objects.Exports.Release(handle, 1);
        }

        Commit();
    }

    private bool TryWriteHome(ref MessagePackWriter writer, IpcProxy proxy)
    {
        IpcReference reference = proxy.Reference;
        if (reference.IsReleased || !reference.TryUse())
        {
            return false;
        }

        _kept.Add(proxy);
        ReferenceFormat.Write(ref writer, -reference.Handle);
        return true;
    }

    // Closes the duplicates that the transport did not get: the message was not sent, or the connection had ended.
    private void CloseDescriptors()
    {
        PassedDescriptors.CloseAll(_descriptors!);
        _descriptors!.Clear();
    }

    private void LetGo()
    {
        foreach (IpcProxy proxy in _kept)
        {
            _channel.Objects.Releases.Release(proxy.Reference);
        }

        _kept.Clear();
    }
}

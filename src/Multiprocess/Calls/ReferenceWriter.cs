using Multiprocess.Contracts;
using Multiprocess.Serialization;

namespace Multiprocess.Calls;

/// <summary>Writes object references into one message, and takes them back if it is never sent.</summary>
internal sealed class ReferenceWriter : IpcWriteContext
{
    private readonly CallChannel _channel;
    private readonly List<long> _acquired = [];

    // Proxies that the message brings home must not be collected, and so released, before it is sent.
    private readonly List<object> _kept = [];
    private bool _asResult;

    public ReferenceWriter(CallChannel channel)
    {
        _channel = channel;
        MaxDepth = channel.Limits.MaxDepth;
    }

    /// <summary>True when the message holds references to the receiver's own objects.</summary>
    public bool BringsHome => _kept.Count > 0;

    /// <summary>Starts a message.</summary>
    /// <param name="asResult">True when what it hands out becomes the receiver's to dispose.</param>
    public void Begin(bool asResult)
    {
        Reset();
        _asResult = asResult;
    }

    public override void WriteReference<T>(ref MessagePackWriter writer, T? value) where T : class
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        IpcProxy? proxy = value as IpcProxy ?? (value is Delegate handler ? handler.Target as IpcProxy : null);
        if (proxy is not null && proxy.Reference.Channel == _channel && ReferenceEquals(proxy.Face, value))
        {
            IpcReference reference = proxy.Reference;
            if (reference.IsReleased)
            {
                throw new ObjectDisposedException(reference.Contract.Name, "The proxy was disposed; it cannot be sent.");
            }

            _kept.Add(proxy);
            ReferenceFormat.Write(ref writer, -reference.Handle);
            return;
        }

        long handle = _channel.Exports.Acquire(value, ContractBinding<T>.Instance, _asResult);
        _acquired.Add(handle);
        ReferenceFormat.Write(ref writer, handle);
    }

    /// <summary>The message was handed over: its references are the peer's now.</summary>
    public void Commit()
    {
        _acquired.Clear();
        _kept.Clear();
    }

    /// <summary>The message will not be sent: takes its references back.</summary>
    public void Rollback()
    {
        foreach (long handle in _acquired)
        {
            _channel.Exports.Release(handle, 1);
        }

        Commit();
    }
}

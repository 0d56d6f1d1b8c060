namespace Multiprocess.Protocols;

/// <summary>
/// What a Call, Return or Error says besides its numbers. The bits are those of this library's own protocol, where the
/// flags always take one byte, so that they can be set after the body was written.
/// </summary>
[Flags]
internal enum MessageFlags : byte
{
    None = 0,

    /// <summary>
    /// The body holds references to the receiver's own objects; the receiver keeps these objects until it has read the
    /// body.
    /// </summary>
    BringsHome = 1,

    /// <summary>The call runs on the call pool and its answer names no thread.</summary>
    Asynchronous = 2,

    /// <summary>The call has no answer.</summary>
    OneWay = 4,

    /// <summary>The caller may send Cancel for this call.</summary>
    Cancellable = 8,

    /// <summary>
    /// The call is the Dispose of its object: the receiver must not dispose the object again when the connection is
    /// lost.
    /// </summary>
    Disposes = 16,

    /// <summary>The caller's trace context follows the arguments.</summary>
    Traced = 32,
}

namespace Multiprocess.Protocols;

/// <summary>What a message is. The numbers are those of this library's own protocol; see PROTOCOL.md.</summary>
internal enum MessageType : byte
{
    Hello = 0,
    Call = 1,
    Return = 2,
    Error = 3,
    Cancel = 4,
    Release = 5,
    ThreadStarted = 6,
    ThreadEnded = 7,
    Goodbye = 8,
    Shape = 9,
    Memory = 10,
    Descriptors = 11,
}

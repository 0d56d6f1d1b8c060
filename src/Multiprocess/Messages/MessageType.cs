namespace Multiprocess.Messages;

/// <summary>The first element of every frame. The numbers are those on the wire; see PROTOCOL.md.</summary>
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
}

using Multiprocess.Serialization;

namespace Multiprocess.Faults;

/// <summary>Transfers one exception type completely.</summary>
internal abstract class Fault(string name, Type type)
{
    public string Name { get; } = name;

    public Type Type { get; } = type;

    /// <summary>
    /// True for the program's own types, whose constructors and <c>Message</c> may do anything with the text.
    /// </summary>
    public virtual bool IsFree => false;

    /// <summary>The message as passed to the constructor, without what the type appends.</summary>
    public virtual string GetMessage(Exception exception) => exception.Message;

    /// <summary>Writes the members other than message and inner exception, as one value.</summary>
    public abstract void WriteMembers(ref MessagePackWriter writer, Exception exception, IpcWriteContext context);

    /// <summary>Recreates the exception.</summary>
    public abstract Exception Read(
        ref MessagePackReader members,
        IpcReadContext context,
        string message,
        Exception? inner);
}

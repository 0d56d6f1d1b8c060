using Multiprocess.Serialization;

namespace Multiprocess.Faults;

/// <summary>How one exception type crosses whole.</summary>
internal abstract class Fault(string name, Type type)
{
    public string Name { get; } = name;

    public Type Type { get; } = type;

    /// <summary>True for types of the program's own, whose constructors and <c>Message</c> may do anything with the text.</summary>
    public virtual bool IsFree => false;

    /// <summary>The message as it was given to the constructor, without what the type adds to it.</summary>
    public virtual string GetMessage(Exception exception) => exception.Message;

    /// <summary>Writes the members beyond message and inner exception, as one value.</summary>
    public abstract void WriteMembers(ref MessagePackWriter writer, Exception exception, IpcWriteContext context);

    /// <summary>Makes the exception anew.</summary>
    public abstract Exception Read(ref MessagePackReader members, IpcReadContext context, string message, Exception? inner);
}

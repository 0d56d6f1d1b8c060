using Multiprocess;

namespace Storage;

/// <summary>A contract that only another assembly closes.</summary>
[IpcInterface]
public interface IRepository<T>
    where T : notnull
{
    void Add(T item);

    T[] All();
}

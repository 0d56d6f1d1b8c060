namespace Multiprocess.Stress.Siege;

/// <summary>
/// A user that has no other processes, so that a limit on threads can be set for one of them. Only the super-user can
/// become it.
/// </summary>
internal static class Nobody
{
    /// <summary>
    /// What runs a program as this user. Not the last user of all: that one stands for those without a name, and is
    /// never let in.
    /// </summary>
    public static string[] Command => ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups"];
}

// The login page after signing out: drafts of whoever was here before are gone. A session that merely ran out comes
// with ?next= and keeps them.
if (!new URLSearchParams(location.search).has('next')) {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith('draft:')) localStorage.removeItem(name);
  } catch { /* storage forbidden: nothing was kept */ }
}
